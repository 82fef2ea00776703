import { useMutation, useQueryClient } from '@tanstack/react-query';
import { execute } from '../execute';
import { AddReplicaDocument, FailoverDocument, RemoveReplicaDocument, SwitchoverDocument, type SwitchoverInput } from '../generated/graphql';
import { writeInstance } from '../instance/instance-live';
import { operationKeys } from '../operation/keys';
import { organizationKeys } from '../organization/keys';
import { isDone } from '../refusal';

export type Deed = 'switchover' | 'failover' | 'addReplica' | 'removeReplica';

/** All four take the same input. */
const deeds = {
  switchover: async (input: SwitchoverInput) => (await execute(SwitchoverDocument, { input })).switchover,
  failover: async (input: SwitchoverInput) => (await execute(FailoverDocument, { input })).failover,
  addReplica: async (input: SwitchoverInput) => (await execute(AddReplicaDocument, { input })).addReplica,
  removeReplica: async (input: SwitchoverInput) => (await execute(RemoveReplicaDocument, { input })).removeReplica,
} as const;

export function useDeedOfStores(slug: string) {
  const cache = useQueryClient();
  return useMutation({
    mutationFn: ({ deed, input }: { readonly deed: Deed; readonly input: SwitchoverInput }) => deeds[deed](input),
    onSuccess: (result) => {
      if (!isDone(result)) return;
      writeInstance(cache, slug, result.instance);
      void cache.invalidateQueries({ queryKey: operationKeys.ofInstance(result.instance.id) });
      void cache.invalidateQueries({ queryKey: organizationKeys.quotas(slug) });
    },
  });
}

import { useMutation, useQueryClient } from '@tanstack/react-query';
import { execute } from '../execute';
import { AddReplicaDocument, FailoverDocument, PromoteDocument, RemoveReplicaDocument, SwitchoverDocument } from '../generated/documents/high-availability-mutation';
import type { PromoteInput, SwitchoverInput } from '../generated/graphql';
import { writeInstance } from '../instance/instance-live';
import { operationKeys } from '../operation/keys';
import { organizationKeys } from '../organization/keys';
import { isDone } from '../refusal';

export type Deed = 'switchover' | 'failover' | 'addReplica' | 'removeReplica';
/** `member`: the one that shall be primary. */
export type Ask =
  | { readonly deed: Deed; readonly input: SwitchoverInput }
  | { readonly deed: 'promote'; readonly input: PromoteInput };

async function carryOut(ask: Ask) {
  if (ask.deed === 'promote') return (await execute(PromoteDocument, { input: ask.input })).promote;
  const { input } = ask;
  switch (ask.deed) {
    case 'switchover': return (await execute(SwitchoverDocument, { input })).switchover;
    case 'failover': return (await execute(FailoverDocument, { input })).failover;
    case 'addReplica': return (await execute(AddReplicaDocument, { input })).addReplica;
    case 'removeReplica': return (await execute(RemoveReplicaDocument, { input })).removeReplica;
  }
}

export function useDeedOfStores(slug: string) {
  const cache = useQueryClient();
  return useMutation({
    mutationFn: carryOut,
    onSuccess: (result) => {
      if (!isDone(result)) return;
      writeInstance(cache, slug, result.instance);
      void cache.invalidateQueries({ queryKey: operationKeys.ofInstance(result.instance.id) });
      void cache.invalidateQueries({ queryKey: organizationKeys.quotas(slug) });
    },
  });
}

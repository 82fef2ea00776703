import { useMutation, useQueryClient, type QueryClient } from '@tanstack/react-query';
import { execute } from '../execute';
import { CreateInstanceDocument, DeleteInstanceDocument, ImportBackupDocument, RestartInstanceDocument, RestoreBackupDocument, RotateCredentialsDocument, UpdateInstanceDocument } from '../generated/documents/instance-mutation';
import { RestoreInstanceDocument } from '../generated/documents/archive-mutation';
import type { CreateInstanceInput, DeleteInstanceInput, ImportBackupInput, RestartInstanceInput, RestoreBackupInput, RestoreInstanceInput, RotateCredentialsInput, UpdateInstanceInput } from '../generated/graphql';
import { operationKeys } from '../operation/keys';
import { organizationKeys } from '../organization/keys';
import { isDone } from '../refusal';
import { keepFresh, type FreshCredentials } from './fresh-credentials';
import { writeInstance } from './instance-live';
import type { Instance } from './instance-query';
import { instanceKeys } from './keys';

interface Made {
  readonly instance: Instance;
  readonly credentials: FreshCredentials;
}

function acceptMade(cache: QueryClient, slug: string, { instance, credentials }: Made): void {
  keepFresh(instance.id, credentials);
  cache.setQueryData(instanceKeys.detail(slug, instance.name), instance);
  void cache.invalidateQueries({ queryKey: instanceKeys.lists(slug) });
  void cache.invalidateQueries({ queryKey: organizationKeys.quotas(slug) });
}

function acceptChanged(cache: QueryClient, slug: string, instance: Instance): void {
  writeInstance(cache, slug, instance);
  void cache.invalidateQueries({ queryKey: operationKeys.ofInstance(instance.id) });
}

export function useCreateInstance(slug: string) {
  const cache = useQueryClient();
  return useMutation({
    mutationFn: async (input: CreateInstanceInput) => (await execute(CreateInstanceDocument, { input })).createInstance,
    onSuccess: (result) => { if (isDone(result)) acceptMade(cache, slug, result); },
  });
}

export function useRestoreBackup(slug: string) {
  const cache = useQueryClient();
  return useMutation({
    mutationFn: async (input: RestoreBackupInput) => (await execute(RestoreBackupDocument, { input })).restoreBackup,
    onSuccess: (result) => { if (isDone(result)) acceptMade(cache, slug, result); },
  });
}

/** A new instance, or a change of the one that goes back. */
export function useRestoreInstance(slug: string) {
  const cache = useQueryClient();
  return useMutation({
    mutationFn: async (input: RestoreInstanceInput) => (await execute(RestoreInstanceDocument, { input })).restoreInstance,
    onSuccess: (result) => {
      if (!isDone(result)) return;
      if (result.__typename === 'CreateInstancePayload') acceptMade(cache, slug, result);
      else acceptChanged(cache, slug, result.instance);
    },
  });
}

export function useImportBackup(slug: string) {
  const cache = useQueryClient();
  return useMutation({
    mutationFn: async (input: ImportBackupInput) => (await execute(ImportBackupDocument, { input })).importBackup,
    onSuccess: (result) => { if (isDone(result)) acceptMade(cache, slug, result); },
  });
}

export function useUpdateInstance(slug: string) {
  const cache = useQueryClient();
  return useMutation({
    mutationFn: async (input: UpdateInstanceInput) => (await execute(UpdateInstanceDocument, { input })).updateInstance,
    onSuccess: (result) => { if (isDone(result)) acceptChanged(cache, slug, result.instance); },
  });
}

export function useRestartInstance(slug: string) {
  const cache = useQueryClient();
  return useMutation({
    mutationFn: async (input: RestartInstanceInput) => (await execute(RestartInstanceDocument, { input })).restartInstance,
    onSuccess: (result) => { if (isDone(result)) acceptChanged(cache, slug, result.instance); },
  });
}

export function useRotateCredentials(slug: string) {
  const cache = useQueryClient();
  return useMutation({
    mutationFn: async (input: RotateCredentialsInput) => (await execute(RotateCredentialsDocument, { input })).rotateCredentials,
    onSuccess: (result) => {
      if (!isDone(result)) return;
      keepFresh(result.instance.id, result.credentials);
      acceptChanged(cache, slug, result.instance);
    },
  });
}

export function useDeleteInstance(slug: string) {
  const cache = useQueryClient();
  return useMutation({
    mutationFn: async (input: DeleteInstanceInput) => (await execute(DeleteInstanceDocument, { input })).deleteInstance,
    onSuccess: (result) => { if (isDone(result)) acceptChanged(cache, slug, result.instance); },
  });
}

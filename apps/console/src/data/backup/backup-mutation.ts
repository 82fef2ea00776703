import { useMutation, useQueryClient } from '@tanstack/react-query';
import { execute } from '../execute';
import { CreateBackupDocument, CreateBackupDownloadDocument, DeleteBackupDocument } from '../generated/documents/backup-mutation';
import type { CreateBackupDownloadInput, CreateBackupInput, DeleteBackupInput } from '../generated/graphql';
import { backupKeys } from './keys';

export function useCreateBackup() {
  const cache = useQueryClient();
  return useMutation({
    mutationFn: async (input: CreateBackupInput) => (await execute(CreateBackupDocument, { input })).createBackup,
    onSuccess: () => cache.invalidateQueries({ queryKey: backupKeys.all }),
  });
}

export function useDeleteBackup() {
  const cache = useQueryClient();
  return useMutation({
    mutationFn: async (input: DeleteBackupInput) => (await execute(DeleteBackupDocument, { input })).deleteBackup,
    onSuccess: () => cache.invalidateQueries({ queryKey: backupKeys.all }),
  });
}

export function useCreateBackupDownload() {
  return useMutation({
    mutationFn: async (input: CreateBackupDownloadInput) => (await execute(CreateBackupDownloadDocument, { input })).createBackupDownload,
  });
}

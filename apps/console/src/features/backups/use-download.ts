'use client';
// A link that the API signed, followed as a click would: the browser saves the file, the page stays.
import { useCreatePointDownload } from '@/data/archive/archive-mutation';
import { useCreateBackupDownload } from '@/data/backup/backup-mutation';
import type { CreateBackupDownloadInput, CreatePointDownloadInput } from '@/data/generated/graphql';
import { isDone } from '@/data/refusal';
import { showToast } from '@/ui/toast';

type Answer = { readonly __typename: 'CreateBackupDownloadPayload'; readonly url: string; readonly fileName: string } | { readonly __typename: 'NotFound' | 'BackupNotRestorable' | 'TimeNotRestorable'; readonly message: string };

export function useDownload(): (input: CreateBackupDownloadInput) => Promise<void> {
  const create = useCreateBackupDownload();
  return (input) => follow(() => create.mutateAsync(input) as Promise<Answer>);
}

export function usePointDownload(): (input: CreatePointDownloadInput) => Promise<void> {
  const create = useCreatePointDownload();
  return (input) => follow(() => create.mutateAsync(input) as Promise<Answer>);
}

async function follow(ask: () => Promise<Answer>): Promise<void> {
  try {
    const result = await ask();
    if (!isDone(result)) return showToast(result.message, 'bad');
    const link = document.createElement('a');
    const target = new URL(result.url, window.location.origin);
    link.href = target.pathname.startsWith('/api/') ? `${target.pathname}${target.search}` : target.href;
    link.download = result.fileName;
    link.click();
    showToast(`Downloading ${result.fileName}.`);
  } catch (error) {
    showToast((error as Error).message, 'bad');
  }
}

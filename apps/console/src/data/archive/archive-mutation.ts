import { useMutation } from '@tanstack/react-query';
import { execute } from '../execute';
import { CreatePointDownloadDocument } from '../generated/documents/archive-mutation';
import type { CreatePointDownloadInput } from '../generated/graphql';

export function useCreatePointDownload() {
  return useMutation({
    mutationFn: async (input: CreatePointDownloadInput) => (await execute(CreatePointDownloadDocument, { input })).createPointDownload,
  });
}

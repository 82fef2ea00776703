import { useMutation, useQueryClient } from '@tanstack/react-query';
import { execute } from '../execute';
import { CancelOperationDocument } from '../generated/documents/operation-mutation';
import { operationKeys } from './keys';

export function useCancelOperation(instanceId: string) {
  const cache = useQueryClient();
  return useMutation({
    mutationFn: async (operationId: string) => (await execute(CancelOperationDocument, { input: { operationId } })).cancelOperation,
    onSettled: () => cache.invalidateQueries({ queryKey: operationKeys.ofInstance(instanceId) }),
  });
}

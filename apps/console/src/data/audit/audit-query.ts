import { execute } from '../execute';
import { AuditLogDocument } from '../generated/documents/audit-query';
import type { AuditLogQuery } from '../generated/graphql';
import { pageOrNone, usePages } from '../pages';
import { auditKeys } from './keys';

export type AuditEntry = NonNullable<AuditLogQuery['organization']>['auditLog']['nodes'][number];

export function useAuditLog(slug: string, action: string) {
  return usePages<AuditEntry>({
    queryKey: auditKeys.list(slug, action),
    load: async (after) => pageOrNone((await execute(AuditLogDocument, { slug, first: 50, after, action: action === '' ? null : action })).organization?.auditLog),
    refetchInterval: 30_000,
  });
}

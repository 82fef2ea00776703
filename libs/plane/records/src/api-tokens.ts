// Tokens of programs: SHA-256 of each, its scopes and its end. A revoked one stays in the list.
import type { ApiTokenRow, ApiTokens, TokenScope } from '@larder/plane-domain';
import type { Db } from './client';
import type { ApiToken } from './generated/client';
import { readPage } from './page';

export function apiTokensOn(db: Db): ApiTokens {
  return {
    byId: async (organizationId, id) => toRow(await db.apiToken.findFirst({ where: { id, organizationId } })),
    byTokenHash: async (tokenHash) => toRow(await db.apiToken.findUnique({ where: { tokenHash } })),
    page: (organizationId, page) => readPage(db.apiToken, { organizationId }, page, tokenRow),
    async insert(token) {
      await db.apiToken.create({ data: { ...token, scopes: [...token.scopes] } });
    },
    async revoke(organizationId, id, at) {
      await db.apiToken.updateMany({ where: { id, organizationId, revokedAt: null }, data: { revokedAt: at } });
    },
    async touch(id, at) {
      await db.apiToken.updateMany({ where: { id }, data: { lastUsedAt: at } });
    },
  };
}

function toRow(row: ApiToken | null): ApiTokenRow | undefined {
  return row === null ? undefined : tokenRow(row);
}

function tokenRow(row: ApiToken): ApiTokenRow {
  return { ...row, scopes: row.scopes as TokenScope[] };
}

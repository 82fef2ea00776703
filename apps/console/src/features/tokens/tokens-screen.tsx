'use client';
import { useState } from 'react';
import { IconKey, IconPlus } from '@tabler/icons-react';
import { useMay } from '@/data/organization/organization-query';
import { useRevokeApiToken } from '@/data/token/token-mutation';
import { useApiTokens, type ApiToken } from '@/data/token/token-query';
import { Badge } from '@/ui/badge';
import { Button } from '@/ui/button';
import { Confirm } from '@/ui/confirm';
import { DataTable, type Column } from '@/ui/data-table';
import { EmptyFace, Faces } from '@/ui/faces';
import { wordsOf } from '@/ui/format';
import { later } from '@/ui/later';
import { PageHead, Panel } from '@/ui/page';
import { TimeAgo, useNow } from '@/ui/time-ago';

const CreateTokenDialog = later(() => import('./create-token-dialog').then((module) => module.CreateTokenDialog));

export function TokensScreen({ slug }: { readonly slug: string }) {
  const query = useApiTokens(slug);
  const mayWrite = useMay(slug)('token.write');
  const revoke = useRevokeApiToken(slug);
  const [isCreating, setCreating] = useState(false);
  const [revoked, setRevoked] = useState<ApiToken>();
  const create = mayWrite ? <Button leftSection={<IconPlus size={16} aria-hidden />} onClick={() => setCreating(true)}>New token</Button> : undefined;
  const columns: Column<ApiToken>[] = [
    { title: 'Name', cell: (token) => <><strong style={{ fontWeight: 560 }}>{token.name}</strong><br /><code style={{ fontSize: 12.5 }}>{token.prefix}…</code></> },
    { title: 'State', cell: (token) => <TokenState token={token} /> },
    { title: 'May', cell: (token) => token.scopes.map(wordsOf).join(', ') },
    { title: 'Last used', align: 'end', cell: (token) => (token.lastUsedAt ? <TimeAgo at={token.lastUsedAt} /> : 'never') },
    { title: 'Expires', align: 'end', cell: (token) => (token.expiresAt ? <TimeAgo at={token.expiresAt} /> : 'never') },
    {
      title: 'Actions', isTitleHidden: true, align: 'end',
      cell: (token) => (mayWrite && !token.revokedAt ? <Button size="compact-sm" variant="default" aria-label={`Revoke ${token.name}`} onClick={() => setRevoked(token)}>Revoke</Button> : null),
    },
  ];
  return (
    <>
      <PageHead title="API tokens" lead="For scripts, CI and Terraform: the same API that this console uses." actions={query.data?.length === 0 ? undefined : create} />
      <Panel isFlush>
        <Faces
          query={query} isEmpty={(tokens) => tokens.length === 0}
          empty={<EmptyFace icon={<IconKey size={22} aria-hidden />} title="No tokens yet" action={create}>A token belongs to the organisation, has the scopes that you give it, and is shown once.</EmptyFace>}
        >
          {(tokens) => <DataTable caption="API tokens" columns={columns} rows={tokens} keyOf={(token) => token.id} />}
        </Faces>
      </Panel>
      {isCreating && <CreateTokenDialog slug={slug} onClose={() => setCreating(false)} />}
      {revoked && <Confirm title={`Revoke ${revoked.name}?`} text="What uses it is refused from now on. This cannot be undone." verb="Revoke token" act={() => revoke.mutateAsync(revoked.id)} onClose={() => setRevoked(undefined)} />}
    </>
  );
}

function TokenState({ token }: { readonly token: ApiToken }) {
  const now = useNow();
  if (token.revokedAt) return <Badge tone="idle">Revoked</Badge>;
  if (token.expiresAt && Date.parse(token.expiresAt) < now) return <Badge tone="warn">Expired</Badge>;
  return <Badge tone="good">Valid</Badge>;
}

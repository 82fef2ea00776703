'use client';
import { useDeferredValue, useState } from 'react';
import { IconHistory } from '@tabler/icons-react';
import { useAuditLog, type AuditEntry } from '@/data/audit/audit-query';
import { Badge } from '@/ui/badge';
import { Button } from '@/ui/button';
import { CodeBlock } from '@/ui/copy';
import { DataTable, MoreRows, type Column } from '@/ui/data-table';
import { Dialog } from '@/ui/dialog';
import { EmptyFace, Faces } from '@/ui/faces';
import { formatMoment } from '@/ui/format';
import { Facts, PageHead, Panel } from '@/ui/page';
import { SearchField } from '@/ui/search-field';
import { TimeAgo } from '@/ui/time-ago';
import classes from '../backups/backups.module.css';

export function AuditScreen({ slug }: { readonly slug: string }) {
  const [action, setAction] = useState('');
  const sought = useDeferredValue(action.trim());
  const query = useAuditLog(slug, sought);
  const [shown, setShown] = useState<AuditEntry>();
  const columns: Column<AuditEntry>[] = [
    { title: 'When', cell: (entry) => <TimeAgo at={entry.at} /> },
    { title: 'Who', cell: (entry) => <>{entry.actorName}{entry.ip != null && <span className={classes.under}>{entry.ip}</span>}</> },
    { title: 'Did', cell: (entry) => <code>{entry.action}</code> },
    { title: 'To', cell: (entry) => entry.targetName ?? '–' },
    { title: 'Outcome', cell: (entry) => <Badge tone={entry.outcome === 'ok' ? 'good' : 'warn'}>{entry.outcome === 'ok' ? 'Done' : entry.outcome}</Badge> },
    { title: 'Details', isTitleHidden: true, align: 'end', cell: (entry) => <Button size="compact-sm" variant="default" aria-label={`Details of entry ${entry.sequence}`} onClick={() => setShown(entry)}>Details</Button> },
  ];
  return (
    <>
      <PageHead title="Audit log" lead="Every change that was asked for, by whom, and how it ended. Each entry carries the hash of the one before." />
      <SearchField label="Show one action only" placeholder="Action, such as createInstance" value={action} onChange={setAction} />
      <Panel isFlush>
        <Faces
          query={query} isEmpty={(data) => data.nodes.length === 0}
          empty={<EmptyFace icon={<IconHistory size={22} aria-hidden />} title={sought === '' ? 'Nothing has been changed yet' : `Nobody did “${sought}”`} />}
        >
          {(data) => (
            <>
              <DataTable caption="Audit log" columns={columns} rows={data.nodes} keyOf={(entry) => entry.id} />
              <MoreRows {...query} />
            </>
          )}
        </Faces>
      </Panel>
      {shown && <EntryDialog entry={shown} onClose={() => setShown(undefined)} />}
    </>
  );
}

function EntryDialog({ entry, onClose }: { readonly entry: AuditEntry; readonly onClose: () => void }) {
  return (
    <Dialog isOpen onClose={onClose} title={`Entry ${entry.sequence}: ${entry.action}`} width={640}>
      <Facts
        rows={[
          ['When', formatMoment(entry.at)],
          ['Who', entry.actorName],
          ['To', entry.targetName ?? '–'],
          ['Outcome', entry.outcome],
          ['Hash', <span key="hash" className={classes.sum}>{entry.hash}</span>],
        ]}
      />
      <div style={{ marginTop: 16 }}><CodeBlock label="Input without secrets" code={pretty(entry.detail)} /></div>
    </Dialog>
  );
}

function pretty(json: string): string {
  try {
    return JSON.stringify(JSON.parse(json), null, 2);
  } catch {
    return json;
  }
}

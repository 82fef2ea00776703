'use client';
import { useDeferredValue, useState } from 'react';
import { IconDatabase, IconPlus, IconSearch } from '@tabler/icons-react';
import { useInstances, type InstanceRow } from '@/data/instance/instance-query';
import { useMay } from '@/data/organization/organization-query';
import { TextLink } from '@/ui/blocks';
import { LinkButton } from '@/ui/button';
import { DataTable, MoreRows, type Column } from '@/ui/data-table';
import { EmptyFace, Faces, LoadingRows } from '@/ui/faces';
import { formatBytes, formatRate } from '@/ui/format';
import { Meter } from '@/ui/meter';
import { PageHead, Panel } from '@/ui/page';
import { SearchField } from '@/ui/search-field';
import { TimeAgo } from '@/ui/time-ago';
import { InstanceStateBadge } from './instance-state';
import classes from './instances.module.css';

export function InstancesScreen({ slug }: { readonly slug: string }) {
  const [search, setSearch] = useState('');
  const sought = useDeferredValue(search.trim());
  const query = useInstances(slug, sought);
  const may = useMay(slug);
  const create = may('instance.create')
    ? <LinkButton href={`/o/${slug}/new`} leftSection={<IconPlus size={16} aria-hidden />}>New instance</LinkButton>
    : undefined;
  const isBare = query.data !== undefined && query.data.nodes.length === 0 && sought === '';

  return (
    <>
      <PageHead title="Instances" lead="Redis-compatible stores of this organisation. Their state is live." actions={isBare ? undefined : create} />
      {!isBare && (
        <SearchField label="Search instances" placeholder="Search by name" value={search} onChange={setSearch} />
      )}
      <Panel isFlush>
        <Faces
          query={query}
          loading={<LoadingRows height={52} />}
          isEmpty={(data) => data.nodes.length === 0}
          empty={sought === ''
            ? <EmptyFace icon={<IconDatabase size={22} aria-hidden />} title="No instances yet" action={create}>An instance is a store of its own: its process, its memory, its password and its backups. It is ready within a second or so.</EmptyFace>
            : <EmptyFace icon={<IconSearch size={22} aria-hidden />} title={`Nothing is called “${sought}”`}>Search looks at the names of instances.</EmptyFace>}
        >
          {(data) => (
            <>
              <DataTable caption="Instances" columns={columnsFor(slug)} rows={data.nodes} keyOf={(row) => row.id} />
              <MoreRows {...query} />
            </>
          )}
        </Faces>
      </Panel>
    </>
  );
}

function columnsFor(slug: string): Column<InstanceRow>[] {
  return [
    {
      title: 'Name',
      cell: (row) => (
        <div className={classes.name}>
          <TextLink href={`/o/${slug}/i/${row.name}`} isName className={classes.link}>{row.name}</TextLink>
          <span className={classes.under}>{row.endpoint ? `${row.endpoint.host}:${row.endpoint.port}` : row.summary}</span>
        </div>
      ),
    },
    { title: 'State', cell: (row) => <span title={row.summary}><InstanceStateBadge state={row.state} /></span> },
    { title: 'Plan', cell: (row) => <>{row.plan.title}<span className={classes.under}>{formatBytes(row.plan.memoryBytes)}</span></> },
    { title: 'Memory', cell: (row) => <MemoryCell row={row} /> },
    { title: 'Operations/s', align: 'end', cell: (row) => (row.stats ? formatRate(row.stats.opsPerSecond) : '–') },
    { title: 'Clients', align: 'end', cell: (row) => row.stats?.clients ?? '–' },
    { title: 'Created', align: 'end', cell: (row) => <TimeAgo at={row.createdAt} /> },
  ];
}

function MemoryCell({ row }: { readonly row: InstanceRow }) {
  if (!row.stats) return '–';
  return (
    <div className={classes.memory}>
      <span>{formatBytes(row.stats.usedMemoryBytes)}</span>
      <Meter label={`Memory of ${row.name}`} used={row.stats.usedMemoryBytes} limit={row.stats.memoryBytesMax} />
    </div>
  );
}

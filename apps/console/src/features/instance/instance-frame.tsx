'use client';
// What all pages of one instance share: its name, its state in one sentence, its parts. The pages below are rendered only once it is known.
import type { ReactNode } from 'react';
import { IconDatabaseOff } from '@tabler/icons-react';
import { useInstance, type Instance } from '@/data/instance/instance-query';
import { Skeleton, Stack, TextLink } from '@/ui/blocks';
import { LinkButton } from '@/ui/button';
import { EmptyFace, ErrorFace } from '@/ui/faces';
import { PageHead } from '@/ui/page';
import { TabLinks } from '@/ui/tab-links';
import { InstanceStateBadge } from '../instances/instance-state';
import { FreshCredentialsPanel } from './fresh-credentials-panel';
import classes from './instance-frame.module.css';

export function InstanceFrame({ slug, name, children }: { readonly slug: string; readonly name: string; readonly children: ReactNode }) {
  const { data: instance, error, refetch } = useInstance(slug, name);
  if (instance === null) return <Gone slug={slug} name={name} />;
  if (instance === undefined && error) return <><PageHead title={name} /><ErrorFace error={error} onRetry={() => void refetch()} /></>;
  const base = `/o/${slug}/i/${name}`;
  return (
    <>
      <p className={classes.crumb}><TextLink href={`/o/${slug}`}>Instances</TextLink></p>
      <PageHead
        title={<>{name}{instance && <InstanceStateBadge state={instance.state} />}</>}
        lead={<span data-testid="summary">{instance ? instance.summary : 'Loading…'}</span>}
      />
      <TabLinks
        label={`Parts of ${name}`}
        links={[
          { href: base, title: 'Overview' },
          { href: `${base}/backups`, title: 'Backups' },
          { href: `${base}/activity`, title: 'Activity' },
          { href: `${base}/settings`, title: 'Settings' },
        ]}
      />
      {instance ? <Known slug={slug} instance={instance}>{children}</Known> : <Loading />}
    </>
  );
}

function Known({ slug, instance, children }: { readonly slug: string; readonly instance: Instance; readonly children: ReactNode }) {
  if (instance.state === 'DELETED') return <Gone slug={slug} name={instance.name} />;
  return (
    <>
      <FreshCredentialsPanel instance={instance} />
      {children}
    </>
  );
}

function Loading() {
  return (
    <Stack role="status" aria-label="Loading">
      <Skeleton height={180} />
      <Skeleton height={260} />
    </Stack>
  );
}

function Gone({ slug, name }: { readonly slug: string; readonly name: string }) {
  return (
    <>
      <PageHead title={name} />
      <EmptyFace
        icon={<IconDatabaseOff size={22} aria-hidden />} title="There is no such instance"
        action={<LinkButton href={`/o/${slug}`} variant="default">All instances</LinkButton>}
      >
        It was deleted, or it never had this name. Backups of deleted instances are under Backups.
      </EmptyFace>
    </>
  );
}

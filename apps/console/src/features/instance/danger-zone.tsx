'use client';
import { useState, type ReactNode } from 'react';
import type { Instance } from '@/data/instance/instance-query';
import { useMay } from '@/data/organization/organization-query';
import { Button } from '@/ui/button';
import { later } from '@/ui/later';
import { Panel } from '@/ui/page';
import type { DangerousDeed } from './danger-dialogs';
import classes from './danger-zone.module.css';

interface ZoneProps {
  readonly slug: string;
  readonly instance: Instance;
}

const DangerDialog = later(() => import('./danger-dialogs').then((module) => module.DangerDialog));

export function DangerZone({ slug, instance }: ZoneProps) {
  const [deed, setDeed] = useState<DangerousDeed>();
  const may = useMay(slug);
  const close = (): void => setDeed(undefined);
  const isLeaving = instance.state === 'DELETING';
  return (
    <Panel title="Danger zone" tone="danger" isFlush>
      <Row title="Restart" text="The store saves, stops and starts again. Clients reconnect after a moment." action={<Button variant="default" disabled={isLeaving || !may('instance.restart')} onClick={() => setDeed('restart')}>Restart…</Button>} />
      <Row title="Rotate credentials" text="Makes a new password. The old one goes on working for as long as you say." action={<Button variant="default" disabled={isLeaving || !may('instance.rotate-credentials')} onClick={() => setDeed('rotate')}>Rotate…</Button>} />
      <Row
        title="Delete" text={instance.deletionProtection ? 'Deletion protection is on. Turn it off above and save, then the instance can be deleted.' : 'The process and its data are removed. Backups are kept.'}
        action={<Button color="red" disabled={isLeaving || instance.deletionProtection || !may('instance.delete')} onClick={() => setDeed('delete')}>Delete…</Button>}
      />
      {deed !== undefined && <DangerDialog key={deed} deed={deed} slug={slug} instance={instance} onClose={close} />}
    </Panel>
  );
}

function Row({ title, text, action }: { readonly title: string; readonly text: string; readonly action: ReactNode }) {
  return (
    <div className={classes.row}>
      <div><h3>{title}</h3><p>{text}</p></div>
      {action}
    </div>
  );
}

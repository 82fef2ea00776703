'use client';
// Of an instance of one store: what its death would mean, and the way to several.
import { useState } from 'react';
import type { Instance } from '@/data/instance/instance-query';
import { useMay } from '@/data/organization/organization-query';
import { Button } from '@/ui/button';
import { later } from '@/ui/later';
import { Panel } from '@/ui/page';
import classes from './members-panel.module.css';

const TopologyDialog = later(() => import('./topology-dialog').then((module) => module.TopologyDialog));

export function StandalonePanel({ slug, instance }: { readonly slug: string; readonly instance: Instance }) {
  const [isAsking, setAsking] = useState(false);
  const isSettled = instance.state === 'READY' || instance.state === 'DEGRADED';
  const may = useMay(slug);
  const canChange = isSettled && may('instance.update');
  return (
    <Panel
      title="Topology" note="One store."
      actions={<Button variant="default" disabled={!canChange} onClick={() => setAsking(true)}>Make highly available…</Button>}
    >
      <p className={classes.quiet}>When it dies it is started again and loads what is on disk; nobody serves meanwhile. With replicas one of them takes over, on the same endpoint.</p>
      {isAsking && <TopologyDialog slug={slug} instance={instance} onClose={() => setAsking(false)} />}
    </Panel>
  );
}

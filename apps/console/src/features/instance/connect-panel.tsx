'use client';
import { useState } from 'react';
import { useFreshCredentials } from '@/data/instance/fresh-credentials';
import type { Instance } from '@/data/instance/instance-query';
import { ChoiceTabs } from '@/ui/choice-tabs';
import { CodeBlock, CopyField } from '@/ui/copy';
import { Panel } from '@/ui/page';
import { roadsOf, snippetsFor, type Road } from './snippets';
import classes from './overview.module.css';

const hidden = '••••••••';

export function ConnectPanel({ instance }: { readonly instance: Instance }) {
  const fresh = useFreshCredentials(instance.id);
  const [chosen, setChosen] = useState<Road['id']>('primary');
  const roads = roadsOf(instance);
  const road = roads.find(({ id }) => id === chosen) ?? roads[0];
  if (road === undefined) {
    return <Panel title="Connect"><p className={classes.quiet}>The endpoint appears here as soon as its port has been chosen.</p></Panel>;
  }
  const { username } = instance.credentials;
  // What is shown hides the password that is copied along.
  const copied = snippetsFor(road.place, { username, password: fresh?.password });
  const shown = snippetsFor(road.place, { username, password: fresh && hidden });
  const choice = roads.length < 2 ? undefined : (
    <div className={classes.ranges} role="group" aria-label="By way of">
      {roads.map(({ id, title }) => <button key={id} type="button" aria-pressed={id === road.id} onClick={() => setChosen(id)}>{title}</button>)}
    </div>
  );
  return (
    <Panel title="Connect" note={`User ${username}. Any Redis client will do.`} actions={choice}>
      {roads.length > 1 && <p className={classes.road}>{road.note}</p>}
      <div className={classes.endpoint}><CopyField label={road.field[0]} text={road.field[1]} /></div>
      <ChoiceTabs
        label="Ways to connect"
        tabs={shown.map(({ title, code }, index) => ({ title, content: <CodeBlock label={title} code={code} copyText={copied[index]!.code} /> }))}
      />
    </Panel>
  );
}

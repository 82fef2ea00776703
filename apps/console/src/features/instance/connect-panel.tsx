'use client';
import { useFreshCredentials } from '@/data/instance/fresh-credentials';
import type { Instance } from '@/data/instance/instance-query';
import { ChoiceTabs } from '@/ui/choice-tabs';
import { CodeBlock, CopyField } from '@/ui/copy';
import { Panel } from '@/ui/page';
import { snippetsFor } from './snippets';
import classes from './overview.module.css';

const hidden = '••••••••';

export function ConnectPanel({ instance }: { readonly instance: Instance }) {
  const fresh = useFreshCredentials(instance.id);
  const { endpoint } = instance;
  if (!endpoint) {
    return <Panel title="Connect"><p className={classes.quiet}>The endpoint appears here as soon as its port has been chosen.</p></Panel>;
  }
  // What is shown hides the password that is copied along.
  const reach = { host: endpoint.host, port: endpoint.port, username: endpoint.username };
  const copied = snippetsFor({ ...reach, password: fresh?.password });
  const shown = snippetsFor({ ...reach, password: fresh && hidden });
  return (
    <Panel title="Connect" note={`User ${endpoint.username}. Any Redis client will do.`}>
      <div className={classes.endpoint}><CopyField label="Endpoint" text={endpoint.uri} /></div>
      <ChoiceTabs
        label="Ways to connect"
        tabs={shown.map(({ title, code }, index) => ({ title, content: <CodeBlock label={title} code={code} copyText={copied[index]!.code} /> }))}
      />
    </Panel>
  );
}

'use client';
import { IconKey } from '@tabler/icons-react';
import { forgetFresh, useFreshCredentials } from '@/data/instance/fresh-credentials';
import type { Instance } from '@/data/instance/instance-query';
import { Button } from '@/ui/button';
import { SecretField } from '@/ui/copy';
import classes from './fresh-credentials-panel.module.css';

/** The password is known to this page alone, once: it stays until the person says that it is kept. */
export function FreshCredentialsPanel({ instance }: { readonly instance: Instance }) {
  const fresh = useFreshCredentials(instance.id);
  if (!fresh) return null;
  return (
    <section className={classes.panel} aria-label="New password">
      <IconKey size={20} aria-hidden className={classes.icon} />
      <div className={classes.body}>
        <p className={classes.title}>Keep this password now</p>
        <p className={classes.text}>Larder stores it encrypted for the instance alone and never shows it again. If it is lost, rotate the credentials. The snippets below carry it while this is open.</p>
        <div className={classes.fields}><SecretField label="Password" text={fresh.password} /></div>
      </div>
      <Button variant="default" size="xs" onClick={() => forgetFresh(instance.id)}>I have kept it</Button>
    </section>
  );
}

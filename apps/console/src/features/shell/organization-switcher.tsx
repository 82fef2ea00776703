'use client';
import { useState } from 'react';
import { IconBuilding, IconPlus, IconSelector } from '@tabler/icons-react';
import type { Viewer } from '@/data/viewer/viewer-query';
import { VisuallyHidden } from '@/ui/blocks';
import { later } from '@/ui/later';
import { Menu } from '@/ui/menu';
import classes from './organization-switcher.module.css';

const CreateOrganization = later(() => import('./create-organization').then((module) => module.CreateOrganization));

type Organizations = Viewer['organizations']['nodes'];

export function OrganizationSwitcher({ slug, organizations }: { readonly slug: string; readonly organizations: Organizations | undefined }) {
  const [isCreating, setCreating] = useState(false);
  const current = organizations?.find((organization) => organization.slug === slug);
  return (
    <>
      <Menu
        label="Organisations"
        isTriggerNamed
        place="below-start"
        triggerClassName={classes.trigger}
        trigger={<><VisuallyHidden>Organisation: </VisuallyHidden><span className={classes.initial} aria-hidden>{(current?.name ?? slug).charAt(0).toUpperCase()}</span><span className={classes.name}>{current?.name ?? slug}</span><IconSelector size={16} aria-hidden /></>}
        heading="Organisations"
        items={[
          ...(organizations ?? []).map((organization) => ({
            label: organization.name,
            icon: <IconBuilding size={16} aria-hidden />,
            href: `/o/${organization.slug}`,
            isCurrent: organization.slug === slug,
          })),
          'line' as const,
          { label: 'New organisation', icon: <IconPlus size={16} aria-hidden />, onSelect: () => setCreating(true) },
        ]}
      />
      {isCreating && <CreateOrganization onClose={() => setCreating(false)} />}
    </>
  );
}

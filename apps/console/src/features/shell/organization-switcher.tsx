'use client';
import dynamic from 'next/dynamic';
import { useState } from 'react';
import { VisuallyHidden } from '@mantine/core';
import { IconBuilding, IconPlus, IconSelector } from '@tabler/icons-react';
import type { Viewer } from '@/data/viewer/viewer-query';
import { Menu } from '@/ui/menu';
import classes from './organization-switcher.module.css';

const CreateOrganization = dynamic(() => import('./create-organization').then((module) => module.CreateOrganization), { ssr: false });

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

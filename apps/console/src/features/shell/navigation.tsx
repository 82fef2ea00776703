'use client';
import { Link } from '@/ui/link';
import { usePathname } from 'next/navigation';
import { IconArchive, IconChartBar, IconDatabase, IconHistory, IconKey, IconUpload, IconUsers } from '@tabler/icons-react';
import { useMay } from '@/data/organization/organization-query';
import classes from './navigation.module.css';

interface Place {
  readonly path: string;
  readonly title: string;
  readonly icon: typeof IconDatabase;
  /** Shown only to those who may. */
  readonly needs?: string;
  readonly also?: readonly string[];
}

const groups: readonly { readonly title: string; readonly places: readonly Place[] }[] = [
  {
    title: 'Data',
    places: [
      { path: '', title: 'Instances', icon: IconDatabase, also: ['/i/', '/new'] },
      { path: '/backups', title: 'Backups', icon: IconArchive },
      { path: '/import', title: 'Import', icon: IconUpload, needs: 'backup.import' },
    ],
  },
  {
    title: 'Organisation',
    places: [
      { path: '/members', title: 'Members', icon: IconUsers },
      { path: '/tokens', title: 'API tokens', icon: IconKey, needs: 'token.read' },
      { path: '/audit', title: 'Audit log', icon: IconHistory, needs: 'audit.read' },
      { path: '/usage', title: 'Usage and plans', icon: IconChartBar },
    ],
  },
];

export function Navigation({ slug }: { readonly slug: string }) {
  const may = useMay(slug);
  const base = `/o/${slug}`;
  const rest = usePathname().slice(base.length);
  return (
    <nav aria-label="Main" className={classes.nav}>
      {groups.map((group) => (
        <div key={group.title}>
          <p className={classes.title}>{group.title}</p>
          <ul>
            {group.places.filter((place) => place.needs === undefined || may(place.needs)).map(({ path, title, icon: Icon, also }) => {
              const isHere = rest === path || (also?.some((prefix) => rest.startsWith(prefix)) ?? false);
              return (
                <li key={path}>
                  <Link href={base + path} className={classes.link} aria-current={isHere ? 'page' : undefined}>
                    <Icon size={17} stroke={1.7} aria-hidden />{title}
                  </Link>
                </li>
              );
            })}
          </ul>
        </div>
      ))}
    </nav>
  );
}

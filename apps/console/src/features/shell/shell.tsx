'use client';
// The frame round every screen of an organisation: who is signed in, which organisation, where to go. It also holds the two
// subscriptions of the page, so that every screen below is live.
import { useEffect, useState, type ReactNode } from 'react';
import { Link } from '@/ui/link';
import { usePathname, useRouter } from 'next/navigation';
import { IconMenu2 } from '@tabler/icons-react';
import { useInstanceLive } from '@/data/instance/instance-live';
import { useOperationsLive } from '@/data/operation/operation-live';
import { useOrganization } from '@/data/organization/organization-query';
import { useViewer, type Viewer } from '@/data/viewer/viewer-query';
import { EmptyFace, ErrorFace } from '@/ui/faces';
import { Mark } from '@/ui/mark';
import { Navigation } from './navigation';
import { OrganizationSwitcher } from './organization-switcher';
import { UserMenu } from './user-menu';
import classes from './shell.module.css';

export function Shell({ slug, children }: { readonly slug: string; readonly children: ReactNode }) {
  const viewer = useViewer();
  const router = useRouter();
  const pathname = usePathname();
  const isSignedOut = viewer.data === null;

  useEffect(() => {
    if (isSignedOut) router.replace(`/sign-in?next=${encodeURIComponent(pathname)}`);
  }, [isSignedOut, router, pathname]);

  if (viewer.error && viewer.data === undefined) {
    return <main className={classes.alone}><h1 className={classes.hidden}>Larder</h1><ErrorFace error={viewer.error} onRetry={() => void viewer.refetch()} /></main>;
  }
  return <Frame slug={slug} viewer={viewer.data ?? undefined}>{children}</Frame>;
}

function Frame({ slug, viewer, children }: { readonly slug: string; readonly viewer: Viewer | undefined; readonly children: ReactNode }) {
  const [isOpen, setOpen] = useState(false);
  const pathname = usePathname();
  const organizations = viewer?.organizations.nodes;
  const isKnown = organizations?.some((organization) => organization.slug === slug);

  useEffect(() => setOpen(false), [pathname]);

  return (
    <div className={classes.frame}>
      <a href="#content" className={classes.skip}>Skip to content</a>
      <header className={classes.bar}>
        <button type="button" className={classes.burger} aria-label="Navigation" aria-expanded={isOpen} aria-controls="sidebar" onClick={() => setOpen(!isOpen)}>
          <IconMenu2 size={20} aria-hidden />
        </button>
        <Link href={`/o/${slug}`} className={classes.brand}><Mark />Larder</Link>
      </header>
      <aside id="sidebar" aria-label="Sidebar" className={classes.side} data-open={isOpen || undefined}>
        <Link href={`/o/${slug}`} className={classes.brand}><Mark />Larder</Link>
        <OrganizationSwitcher slug={slug} organizations={organizations} />
        <Navigation slug={slug} />
        <div className={classes.foot}><UserMenu slug={slug} viewer={viewer} /></div>
      </aside>
      <main id="content" className={classes.main} tabIndex={-1}>
        <div className={classes.measure}>
          {isKnown === false ? <UnknownOrganization /> : <Live slug={slug} isOn={isKnown === true}>{children}</Live>}
        </div>
      </main>
    </div>
  );
}

function Live({ slug, isOn, children }: { readonly slug: string; readonly isOn: boolean; readonly children: ReactNode }) {
  const organization = useOrganization(slug);
  const id = isOn ? organization.data?.id : undefined;
  useInstanceLive(slug, id);
  useOperationsLive(id);
  return children;
}

function UnknownOrganization() {
  return (
    <>
      <h1 className={classes.hidden}>Unknown organisation</h1>
      <EmptyFace icon="?" title="No such organisation">It does not exist, or you are not a member of it. Choose another one at the top left.</EmptyFace>
    </>
  );
}

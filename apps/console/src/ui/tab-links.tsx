'use client';
// Parts of one noun, each with its own address: links, so they open in a new tab and load only their own code.
import { Link } from './link';
import { usePathname } from 'next/navigation';
import classes from './tab-links.module.css';

export function TabLinks({ label, links }: { readonly label: string; readonly links: readonly { readonly href: string; readonly title: string }[] }) {
  const pathname = usePathname();
  return (
    <nav aria-label={label} className={classes.nav}>
      {links.map(({ href, title }) => (
        <Link key={href} href={href} className={classes.link} aria-current={pathname === href ? 'page' : undefined}>{title}</Link>
      ))}
    </nav>
  );
}

'use client';
// A link within the console: the browser's own, of which a plain click changes the screen without loading the page anew. What it leads
// to is fetched ahead when the pointer or the focus comes to it. Next's own link does that for all in sight, and weighs a tenth of
// what a screen of ours does.
import { useRouter } from 'next/navigation';

export interface LinkProps extends Omit<React.ComponentPropsWithRef<'a'>, 'href' | 'onPointerEnter' | 'onFocus'> {
  readonly href: string;
}

export function Link({ href, onClick, children, ...rest }: LinkProps) {
  const router = useRouter();
  const fetchAhead = (): void => router.prefetch(href);
  const follow = (event: React.MouseEvent<HTMLAnchorElement>): void => {
    onClick?.(event);
    const isElsewhere = event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey || rest.target !== undefined;
    if (event.defaultPrevented || isElsewhere) return;
    event.preventDefault();
    router.push(href);
  };
  return <a {...rest} href={href} onPointerEnter={fetchAhead} onFocus={fetchAhead} onClick={follow}>{children}</a>;
}

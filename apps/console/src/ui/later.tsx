'use client';
// A part of a screen that is fetched when it is first shown. React's own lazy, because next/dynamic would come along with every route.
import { lazy, Suspense, type ComponentType, type ReactNode } from 'react';

export function later<P extends object>(load: () => Promise<ComponentType<P>>, waiting: ReactNode = null): ComponentType<P> {
  const Loaded = lazy(async () => ({ default: await load() as ComponentType<object> }));
  return function Later(props: P) {
    return <Suspense fallback={waiting}><Loaded {...props} /></Suspense>;
  };
}

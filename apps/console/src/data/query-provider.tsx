'use client';
// The query cache of a page's life, and what every query and mutation has in common.
import { useState, type ReactNode } from 'react';
import { MutationCache, QueryCache, QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { ApiError } from './execute';
import { viewerKeys } from './viewer/keys';

export function QueryProvider({ children }: { readonly children: ReactNode }) {
  const [client] = useState(makeClient);
  return <QueryClientProvider client={client}>{children}</QueryClientProvider>;
}

function makeClient(): QueryClient {
  // Signed out elsewhere: the viewer is asked again, and the shell goes to the sign-in.
  const onError = (error: Error): void => {
    if (error instanceof ApiError && error.kind === 'unauthenticated') void client.invalidateQueries({ queryKey: viewerKeys.all });
  };
  const client = new QueryClient({
    queryCache: new QueryCache({ onError }),
    mutationCache: new MutationCache({ onError }),
    defaultOptions: {
      queries: {
        staleTime: 2_000,
        retry: (count, error) => count < 2 && error instanceof ApiError && error.kind === 'unreachable',
        retryDelay: (count) => 400 * 2 ** count,
      },
      mutations: { retry: false },
    },
  });
  return client;
}

'use client';
import type { ReactNode } from 'react';
import { MantineProvider } from '@mantine/core';
import { QueryProvider } from '@/data/query-provider';
import { cssVariables, theme } from './theme';
import { Toasts } from './toast';

export function Providers({ children }: { readonly children: ReactNode }) {
  return (
    <MantineProvider theme={theme} cssVariablesResolver={cssVariables} defaultColorScheme="auto">
      <QueryProvider>{children}</QueryProvider>
      <Toasts />
    </MantineProvider>
  );
}

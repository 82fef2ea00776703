import type { Metadata, Viewport } from 'next';
import type { ReactNode } from 'react';
import { ColorSchemeScript, mantineHtmlProps } from '@mantine/core';
import '@fontsource-variable/inter';
import '@/ui/mantine.css';
import '@/ui/ground.css';
import { Providers } from '@/ui/providers';

export const metadata: Metadata = { title: { default: 'Larder', template: '%s · Larder' }, description: 'Redis-compatible stores with proven backups.' };
export const viewport: Viewport = { colorScheme: 'light dark', width: 'device-width', initialScale: 1 };

export default function RootLayout({ children }: { readonly children: ReactNode }) {
  return (
    <html lang="en" {...mantineHtmlProps}>
      <head><ColorSchemeScript defaultColorScheme="auto" /></head>
      <body><Providers>{children}</Providers></body>
    </html>
  );
}

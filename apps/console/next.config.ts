/**
 * The console as Next builds it. Everything a page needs comes from our own origin: fonts are bundled, images are not optimised
 * by a service, and the policy below makes the browser refuse any other host.
 *
 * Types are checked by `npm run typecheck`, not a second time while a person waits for `npm start`.
 */
import path from 'node:path';
import type { NextConfig } from 'next';

const isDevelopment = process.env.NODE_ENV === 'development';

const policy = [
  "default-src 'self'",
  `script-src 'self' 'unsafe-inline'${isDevelopment ? " 'unsafe-eval'" : ''}`,
  "style-src 'self' 'unsafe-inline'",
  "img-src 'self' data:",
  "font-src 'self' data:",
  `connect-src 'self'${isDevelopment ? ' ws:' : ''}`,
  "frame-ancestors 'none'",
  "form-action 'self'",
  "base-uri 'none'",
  "object-src 'none'",
].join('; ');

const config: NextConfig = {
  // Elsewhere for whoever builds beside a console that runs.
  distDir: process.env.CONSOLE_DIST ?? '.next',
  // For whoever weighs what is in a chunk.
  productionBrowserSourceMaps: process.env.CONSOLE_SOURCE_MAPS === '1',
  reactStrictMode: true,
  poweredByHeader: false,
  devIndicators: false,
  images: { unoptimized: true },
  typescript: { ignoreBuildErrors: true },
  turbopack: { root: path.resolve(process.cwd(), '../..') },
  experimental: { optimizePackageImports: ['@mantine/core', '@mantine/hooks', '@mantine/charts', '@tabler/icons-react'] },
  headers: async () => [
    {
      source: '/:path*',
      headers: [
        { key: 'Content-Security-Policy', value: policy },
        { key: 'X-Content-Type-Options', value: 'nosniff' },
        { key: 'X-Frame-Options', value: 'DENY' },
        { key: 'Referrer-Policy', value: 'same-origin' },
      ],
    },
  ],
};

export default config;

/**
 * A Chromium that keeps to itself: no first-run pages, no calls home. What a page asks of any host but the console's own is
 * written down, for the tests to refuse.
 */
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { chromium, type Browser, type BrowserContext, type Page } from 'playwright-core';

export const CHROMIUM = '/usr/bin/chromium';

export function launchBrowser(): Promise<Browser> {
  if (!existsSync(CHROMIUM)) throw new Error(`${CHROMIUM} is missing: apt-get install chromium`);
  return chromium.launch({
    executablePath: CHROMIUM,
    args: [
      ...(process.getuid?.() === 0 ? ['--no-sandbox'] : []),
      '--disable-background-networking', '--disable-component-update', '--disable-default-apps', '--disable-sync', '--disable-gpu', '--no-first-run',
      '--disable-features=OptimizationHints,MediaRouter,Translate', '--disable-dev-shm-usage',
    ],
  });
}

export interface Watched {
  readonly page: Page;
  readonly context: BrowserContext;
  /** Errors of the page's own script, and what its console called errors. */
  readonly faults: string[];
  /** Requests to any other host. */
  readonly strangers: string[];
}

export async function openPage(browser: Browser, baseUrl: string, colorScheme: 'light' | 'dark'): Promise<Watched> {
  const context = await browser.newContext({ baseURL: baseUrl, colorScheme, viewport: { width: 1280, height: 860 }, reducedMotion: 'reduce' });
  const page = await context.newPage();
  page.setDefaultTimeout(15_000);
  const faults: string[] = [];
  const strangers: string[] = [];
  page.on('pageerror', (error) => faults.push(error.message));
  page.on('console', (message) => { if (message.type() === 'error') faults.push(message.text()); });
  page.on('request', (request) => {
    const { protocol, host } = new URL(request.url());
    if (/^(https?|wss?):$/.test(protocol) && host !== new URL(baseUrl).host) strangers.push(request.url());
  });
  return { page, context, faults, strangers };
}

let axeSource: string | undefined;

/** Violations as lines, each with the rule and the first elements that break it. */
export async function axeViolations(page: Page, root: string): Promise<string[]> {
  axeSource ??= readFileSync(path.join(root, 'node_modules/axe-core/axe.min.js'), 'utf8');
  await page.evaluate(axeSource);
  // As text: these tests are typed without the DOM.
  const violations = await page.evaluate<Violation[]>("axe.run(document, { resultTypes: ['violations'] }).then(({ violations }) => violations)");
  return violations.flatMap(({ id, nodes }) => nodes.slice(0, 3).map((node) => `${id}: ${node.html.slice(0, 200)} ${node.failureSummary ?? ''}`));
}

interface Violation {
  readonly id: string;
  readonly nodes: readonly { readonly html: string; readonly failureSummary?: string }[];
}

/**
 * Every screen of the console over a made-up API: each has its four faces, none has a violation that axe can see, in light and in
 * dark, and nothing is asked of another host.
 */
import { repositoryRoot } from '@larder/shared-testing';
import type { Browser, Page } from 'playwright-core';
import { axeViolations, launchBrowser, openPage, type Watched } from './browser';
import { startConsole, type ConsoleProcess } from './console-process';
import { startMockApi, type MockApi } from './mock/mock-api';

const root = repositoryRoot();
const instance = '/o/engines/i/orders-cache';

/** A text that only the face with data shows, and, where the screen lists something, what it says when there is nothing. */
const screens: readonly { readonly path: string; readonly shows: string; readonly emptyShows?: string; readonly enables?: string }[] = [
  { path: '/o/engines', shows: 'feature-flags', emptyShows: 'No instances yet' },
  { path: '/o/engines/new', shows: 'Extra large' },
  { path: instance, shows: 'Operations per second', emptyShows: 'No samples yet' },
  { path: '/o/engines/i/sessions', shows: '50 MiB, took 2 s' },
  { path: '/o/engines/i/jobs', shows: 'The process has crashed three times' },
  { path: '/o/engines/i/ledger', shows: 'Linked, 1.2 KiB, 1 s behind', emptyShows: 'Nothing has been seen yet' },
  { path: '/o/engines/i/ledger/activity', shows: 'Sentinel lost' },
  { path: '/o/engines/i/nowhere', shows: 'There is no such instance' },
  { path: `${instance}/backups`, shows: 'Europe/Berlin', emptyShows: 'No backups yet' },
  { path: `${instance}/backups`, shows: 'From the base of', emptyShows: 'Nothing can be restored to a second yet' },
  { path: '/o/engines/i/jobs/backups', shows: 'It needs an append-only file' },
  { path: `${instance}/activity`, shows: 'Process exited', emptyShows: 'No operations yet' },
  { path: `${instance}/settings`, shows: 'notify-keyspace-events' },
  { path: '/o/engines/backups', shows: 'Not restorable', emptyShows: 'No backups yet' },
  // Its button changes colour when the last answer is there: looked at in between it would be neither.
  { path: '/o/engines/import', shows: 'Up to 1 GiB.', enables: 'Upload and create' },
  { path: '/o/engines/members', shows: 'barbara@example.org', emptyShows: 'No open invitations' },
  { path: '/o/engines/tokens', shows: 'terraform', emptyShows: 'No tokens yet' },
  { path: '/o/engines/audit', shows: 'DeletionProtected', emptyShows: 'Nothing has been changed yet' },
  { path: '/o/engines/usage', shows: 'Backup storage' },
  { path: '/o/engines/account', shows: 'Platform administrator' },
  { path: '/o/unknown', shows: 'No such organisation' },
  { path: '/invite?token=x', shows: 'You are invited' },
  { path: '/welcome', shows: 'Welcome to Larder' },
];

/** Screens that load a list or a noun: what hangs or fails shows there. */
const loading = screens.filter(({ path }) => !/nowhere|unknown|invite|welcome|account|settings|jobs|ledger/.test(path));

interface Deed {
  readonly name: string;
  readonly path: string;
  readonly open: (page: Page) => Promise<void>;
}

const chooseOfFirstBackup = (item: string) => async (page: Page): Promise<void> => {
  await page.getByRole('row').filter({ hasText: 'Verified' }).first().getByRole('button', { name: /^Actions/ }).click();
  await page.getByRole('menuitem', { name: item }).click();
};
const press = (name: string) => async (page: Page): Promise<void> => { await page.getByRole('button', { name, exact: true }).first().click(); };

const dialogs: readonly Deed[] = [
  { name: 'restoring', path: `${instance}/backups`, open: chooseOfFirstBackup('Restore as a new instance') },
  { name: "a backup's details", path: `${instance}/backups`, open: chooseOfFirstBackup('Details') },
  { name: 'deleting a backup', path: `${instance}/backups`, open: chooseOfFirstBackup('Delete') },
  { name: 'a new schedule', path: `${instance}/backups`, open: press('Add schedule') },
  { name: 'restoring a second', path: `${instance}/backups`, open: press('Restore as a new instance…') },
  { name: 'restoring in place', path: `${instance}/backups`, open: press('Restore in place…') },
  { name: 'going back to a backup', path: `${instance}/backups`, open: chooseOfFirstBackup('Restore in place') },
  { name: 'the archive', path: `${instance}/backups`, open: press('Change…') },
  { name: 'restarting', path: `${instance}/settings`, open: press('Restart…') },
  { name: 'rotating credentials', path: `${instance}/settings`, open: press('Rotate…') },
  { name: 'deleting an instance', path: '/o/engines/i/sessions/settings', open: press('Delete…') },
  { name: 'switching over', path: '/o/engines/i/ledger', open: press('Switch over…') },
  { name: 'failing over', path: '/o/engines/i/ledger', open: press('Fail over…') },
  { name: 'adding a replica', path: '/o/engines/i/ledger', open: press('Add a replica…') },
  { name: 'choosing the primary', path: '/o/engines/i/ledger', open: (page) => page.getByRole('button', { name: /^Make primary….*store a$/ }).click() },
  { name: 'standing alone', path: '/o/engines/i/ledger', open: press('Make standalone…') },
  { name: 'several stores', path: '/o/engines/i/sessions', open: press('Make highly available…') },
  { name: 'inviting', path: '/o/engines/members', open: press('Invite') },
  { name: 'removing a member', path: '/o/engines/members', open: press('Remove Grace Hopper') },
  { name: 'a new token', path: '/o/engines/tokens', open: press('New token') },
  { name: 'an audit entry', path: '/o/engines/audit', open: press('Details of entry 1060') },
];

describe('the console over a made-up API', () => {
  let api: MockApi;
  let front: ConsoleProcess;
  let browser: Browser;

  beforeAll(async () => {
    api = await startMockApi(root);
    [front, browser] = await Promise.all([startConsole(root, api.url), launchBrowser()]);
  });

  afterAll(async () => {
    await browser?.close();
    await front?.stop();
    await api?.close();
  });

  test.each([['/sign-in', 170_000], [`${instance}/backups`, 190_000]])('%s fetches at most %i bytes of scripts, packed', async (path, bytesMax) => {
    const html = await (await fetch(front.url + path)).text();
    const old = /<script[^>]*noModule[^>]*>/i.exec(html)?.[0] ?? '';
    const names = [...new Set(html.match(/static\/chunks\/[\w~.-]+\.js/g))].filter((name) => !old.includes(name));
    const sizes = await Promise.all(names.map(async (name) => {
      const { headers } = await fetch(`${front.url}/_next/${name}`, { method: 'HEAD', headers: { 'accept-encoding': 'br' } });
      return { size: Number(headers.get('content-length')), encoding: headers.get('content-encoding') };
    }));
    expect(sizes.length).toBeGreaterThan(8);
    expect(sizes.every(({ size, encoding }) => encoding === 'br' || size < 1024)).toBe(true);
    expect(sizes.reduce((sum, { size }) => sum + size, 0)).toBeLessThanOrEqual(bytesMax);
  });

  const signIn = async ({ page }: Watched): Promise<void> => {
    await page.goto('/sign-in');
    await page.getByLabel('Email').fill('ada@example.org');
    await page.getByRole('textbox', { name: 'Password' }).fill('right');
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.waitForURL('**/o/engines');
  };

  describe.each(['light', 'dark'] as const)('in the %s scheme', (scheme) => {
    let watched: Watched;

    beforeAll(async () => {
      api.setMode('usual');
      watched = await openPage(browser, front.url, scheme);
      await watched.page.goto('/sign-in');
      await watched.page.getByRole('button', { name: 'Sign in' }).waitFor();
      expect(await axeViolations(watched.page, root)).toEqual([]);
      await signIn(watched);
    });

    beforeEach(() => api.setMode('usual'));
    afterAll(() => watched?.context.close());

    test.each(screens)('$path shows its data without violations', async ({ path, shows, enables }) => {
      await watched.page.goto(path);
      await watched.page.getByText(shows).first().waitFor();
      if (enables !== undefined) await watched.page.getByRole('button', { name: enables, disabled: false }).waitFor();
      expect(await axeViolations(watched.page, root)).toEqual([]);
    });

    test.each(screens.filter(({ emptyShows }) => emptyShows !== undefined))('$path says what is not there yet', async ({ path, emptyShows }) => {
      api.setMode('empty');
      await watched.page.goto(path);
      await watched.page.getByText(emptyShows!).first().waitFor();
      expect(await axeViolations(watched.page, root)).toEqual([]);
    });

    test.each(loading)('$path says that it is loading, and what went wrong', async ({ path }) => {
      api.setMode('hang');
      await watched.page.goto(path);
      await watched.page.getByRole('status', { name: 'Loading' }).first().waitFor();
      expect(await axeViolations(watched.page, root)).toEqual([]);
      api.setMode('fail');
      await watched.page.goto(path);
      await watched.page.getByText('The database is not reachable.').first().waitFor();
      expect(await axeViolations(watched.page, root)).toEqual([]);
    });

    test.each(dialogs)('the dialog of $name has no violations, and Escape closes it', async ({ path, open }) => {
      await watched.page.goto(path);
      await open(watched.page);
      await watched.page.getByRole('dialog').waitFor();
      expect(await axeViolations(watched.page, root)).toEqual([]);
      await watched.page.keyboard.press('Escape');
      await watched.page.getByRole('dialog').waitFor({ state: 'detached' });
    });

    test('nothing was asked of another host, and no script failed', () => {
      expect(watched.strangers).toEqual([]);
      expect(watched.faults).toEqual([]);
    });
  });

  describe('as a person uses it', () => {
    let watched: Watched;

    beforeAll(async () => {
      api.setMode('usual');
      watched = await openPage(browser, front.url, 'light');
      await signIn(watched);
    });

    afterAll(() => watched?.context.close());

    test('a wrong password is told beside the field', async () => {
      const { page } = watched;
      await page.goto('/o/engines');
      await page.getByRole('button', { name: /^Account/ }).click();
      await page.getByRole('menuitem', { name: 'Sign out' }).click();
      await page.waitForURL('**/sign-in');
      await page.getByLabel('Email').fill('ada@example.org');
      await page.getByRole('textbox', { name: 'Password' }).fill('wrong');
      await page.getByRole('button', { name: 'Sign in' }).click();
      await page.getByText('Email or password is not right.').waitFor();
      expect(await page.getByRole('textbox', { name: 'Password' }).getAttribute('aria-invalid')).toBe('true');
      await signIn(watched);
    });

    test('an instance is created by keyboard alone; a taken name comes back to its field; the password is shown once', async () => {
      const { page } = watched;
      const { keyboard } = page;
      await page.goto('/o/engines/new');
      await page.getByText('Extra large').waitFor();
      await page.getByRole('textbox', { name: 'Name' }).focus();
      await keyboard.type('taken');
      await keyboard.press('Enter');
      await page.getByText('Persistence').waitFor();
      await page.getByRole('button', { name: 'Continue' }).focus();
      await keyboard.press('Enter');
      const mutation = page.getByRole('region', { name: 'GraphQL mutation' });
      await mutation.waitFor();
      expect(await mutation.innerText()).toMatch(/createInstance\(input: \{\s+organizationId: "Organization-1"\s+name: "taken"\s+plan: "small"\s+persistence: RDB/);
      expect(await axeViolations(page, root)).toEqual([]);
      await page.getByRole('button', { name: 'Create instance' }).focus();
      await keyboard.press('Enter');
      await page.getByText('An instance called taken exists already.').waitFor();
      expect(await page.evaluate<string>("document.activeElement.getAttribute('name')")).toBe('name');
      await page.getByRole('textbox', { name: 'Name' }).fill('by-keyboard');
      await keyboard.press('Enter');
      await page.getByText('Persistence').waitFor();
      await page.getByRole('button', { name: 'Continue' }).click();
      await page.getByRole('button', { name: 'Create instance' }).click();
      await page.waitForURL('**/i/by-keyboard');
      await page.getByText('Keep this password now').waitFor();
      expect(await page.getByTestId('secret').innerText()).not.toContain('b4Vf');
      await page.getByRole('button', { name: 'Show password' }).click();
      expect(await page.getByTestId('secret').innerText()).toBe('b4Vf-9kQz-Tn2L-xW7c-Jr5H');
      await page.getByText('Running and accepting connections.').waitFor();
      expect(await axeViolations(page, root)).toEqual([]);
      await page.getByRole('button', { name: 'I have kept it' }).click();
      await page.reload();
      await page.getByText('Running and accepting connections.').waitFor();
      expect(await page.getByText('Keep this password now').count()).toBe(0);
    });

    test('a quota is told beside the plan it refuses', async () => {
      const { page } = watched;
      await page.goto('/o/engines/new');
      await page.getByRole('textbox', { name: 'Name' }).fill('too-large');
      await page.getByText('Extra large').click();
      for (let step = 0; step < 2; step++) await page.getByRole('button', { name: 'Continue' }).click();
      await page.getByRole('button', { name: 'Create instance' }).click();
      const plan = page.getByRole('group', { name: 'Plan', exact: true });
      await plan.getByRole('alert').waitFor();
      expect(await plan.getByRole('alert').innerText()).toContain('12 GiB are in use');
    });

    test('a menu is walked with arrows and gives focus back', async () => {
      const { page } = watched;
      await page.goto('/o/engines');
      const button = page.getByRole('button', { name: /^Organisation/ });
      await button.focus();
      const focused = (): Promise<string> => page.evaluate<string>('document.activeElement.textContent');
      await page.keyboard.press('ArrowDown');
      await page.getByRole('menuitem', { name: 'Difference Ltd' }).waitFor();
      // The menu takes the focus once it has opened; from wherever it then is, arrows lead round to every item.
      await page.waitForFunction("document.activeElement.closest('[role=menu]') !== null");
      for (let presses = 0; presses < 8 && (await focused()) !== 'Difference Ltd'; presses++) {
        const before = await focused();
        await page.keyboard.press('ArrowDown');
        await page.waitForFunction(`document.activeElement.textContent !== ${JSON.stringify(before)}`);
      }
      expect(await focused()).toBe('Difference Ltd');
      await page.keyboard.press('Escape');
      await page.waitForFunction("/^Organisation: .*Analytical Engines$/.test(document.activeElement.textContent)");
    });

    test('a failover moves the picture by itself; a store that is not in sync is refused in words; events are filtered', async () => {
      const { page } = watched;
      await page.goto('/o/engines/i/ledger');
      const box = (name: string) => page.getByRole('list', { name: 'Topology' }).getByRole('listitem').filter({ has: page.locator('strong').getByText(name, { exact: true }) });
      await box('b').getByText('Takes writes').waitFor();
      await page.getByRole('button', { name: /^Make primary….*store c$/ }).click();
      await page.getByRole('dialog').getByRole('button', { name: 'Make primary' }).click();
      await page.getByRole('dialog').getByRole('alert').getByText('Store c does not hear its primary.').waitFor();
      expect(await page.getByRole('dialog').getByRole('alert').innerText()).toContain('Not in sync.');
      await page.keyboard.press('Escape');
      await page.getByRole('button', { name: 'Fail over…' }).click();
      const dialog = page.getByRole('dialog');
      expect(await dialog.innerText()).toMatch(/Next primary\s+Store a[^]*about 200 ms[^]*1.2 KiB of writes, those of the last 1 s/);
      await dialog.getByRole('button', { name: 'Fail over' }).click();
      await box('a').getByText('Takes writes').waitFor();
      await box('b').getByText('Linked').waitFor();
      await page.getByRole('link', { name: 'All events' }).click();
      await page.getByText('Settings applied').waitFor();
      await page.getByRole('button', { name: 'Links' }).click();
      await page.getByText('Settings applied').waitFor({ state: 'detached' });
      await page.getByText('Link up').waitFor();
      await page.getByRole('button', { name: 'Warnings only' }).click();
      await page.getByText('Link up').waitFor({ state: 'detached' });
      await page.getByText('Link down').waitFor();
    });

    test('an instance is deleted only after its name was typed', async () => {
      const { page } = watched;
      await page.goto('/o/engines/i/sessions/settings');
      await page.getByRole('button', { name: 'Delete…' }).click();
      const dialog = page.getByRole('dialog');
      const go = dialog.getByRole('button', { name: 'Delete instance' });
      expect(await go.isDisabled()).toBe(true);
      await dialog.getByLabel('Type sessions to confirm').fill('sessions');
      await go.click();
      await page.waitForURL('**/o/engines');
      await page.getByRole('link', { name: 'sessions' }).waitFor({ state: 'detached' });
    });
  });
});

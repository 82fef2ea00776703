/**
 * The whole road, as a person walks it in a browser against the real product: sign in, ask for a cache, use it with an ordinary
 * client, back it up and see the backup proven, restore it, read the data back from the restored instance, delete.
 */
import { repositoryRoot } from '@larder/shared-testing';
import { Redis } from 'ioredis';
import type { Browser, Page } from 'playwright-core';
import { axeViolations, launchBrowser, openPage, type Watched } from './browser';
import { startProduct, type Product } from './product';

const root = repositoryRoot();
jest.setTimeout(300_000);

describe('the whole road', () => {
  let product: Product;
  let browser: Browser;
  let watched: Watched;
  const clients: Redis[] = [];
  let rdb: Buffer;

  beforeAll(async () => {
    product = await startProduct(root);
    browser = await launchBrowser();
    watched = await openPage(browser, product.consoleUrl, 'light');
    watched.page.setDefaultTimeout(30_000);
  });

  afterAll(async () => {
    for (const client of clients) client.disconnect();
    await browser?.close();
    await product?.stop();
  });

  /** An ordinary client, with what the page shows once. */
  const connect = async (page: Page): Promise<Redis> => {
    await page.getByText('Running and accepting connections.').waitFor();
    await page.getByRole('button', { name: 'Show password' }).click();
    const password = await page.getByTestId('secret').innerText();
    const { hostname, port } = new URL(await page.getByRole('group', { name: 'Endpoint' }).innerText());
    const client = new Redis({ host: hostname, port: Number(port), password, maxRetriesPerRequest: 3 });
    clients.push(client);
    return client;
  };

  test('a person signs in', async () => {
    const { page } = watched;
    await page.goto('/');
    await page.getByLabel('Email').fill(product.email);
    await page.getByRole('textbox', { name: 'Password' }).fill(product.password);
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.getByText('No instances yet').waitFor();
    expect(await axeViolations(page, root)).toEqual([]);
  });

  test('a cache is asked for in three steps and takes writes of an ordinary client', async () => {
    const { page } = watched;
    await page.getByRole('link', { name: 'New instance' }).click();
    await page.getByRole('textbox', { name: 'Name' }).fill('orders');
    await page.getByText('Nano').click();
    await page.getByRole('button', { name: 'Continue' }).click();
    await page.getByRole('switch', { name: 'Deletion protection' }).click();
    await page.getByRole('button', { name: 'Continue' }).click();
    await page.getByRole('region', { name: 'GraphQL mutation' }).waitFor();
    await page.getByRole('button', { name: 'Create instance' }).click();
    await page.waitForURL('**/i/orders');
    const client = await connect(page);
    await client.mset(Object.fromEntries(Array.from({ length: 500 }, (_, index) => [`order:${index}`, `paid ${index}`])));
    await client.hset('customer:1', { name: 'Ada', city: 'London' });
    await client.zadd('ranking', 3, 'ada', 1, 'grace');
    expect(await client.dbsize()).toBe(502);
    await page.getByRole('button', { name: 'I have kept it' }).click();
    await page.getByText('Operations per second').waitFor({ timeout: 60_000 });
    expect(await axeViolations(page, root)).toEqual([]);
  });

  test('a backup is taken and proven', async () => {
    const { page } = watched;
    await page.getByRole('link', { name: 'Backups' }).last().click();
    await page.getByText('Every day at 03:00').waitFor();
    await page.getByRole('button', { name: 'Back up now' }).click();
    const row = page.getByRole('row').filter({ hasText: 'Verified' });
    await row.waitFor({ timeout: 90_000 });
    expect(await row.innerText()).toContain('502');
    expect(await axeViolations(page, root)).toEqual([]);
  });

  test('it is downloaded as an RDB', async () => {
    const { page } = watched;
    await page.getByRole('button', { name: /^Actions for the backup/ }).first().click();
    const [download] = await Promise.all([page.waitForEvent('download'), page.getByRole('menuitem', { name: 'Download as RDB' }).click()]);
    const stream = await download.createReadStream();
    const chunks: Buffer[] = [];
    for await (const chunk of stream) chunks.push(chunk as Buffer);
    rdb = Buffer.concat(chunks);
    expect(rdb.subarray(0, 5).toString('latin1')).toBe('REDIS');
  });

  test('it is restored as a new instance, which holds the data', async () => {
    const { page } = watched;
    await page.getByRole('button', { name: /^Actions for the backup/ }).first().click();
    await page.getByRole('menuitem', { name: 'Restore as a new instance' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByRole('switch', { name: 'Deletion protection' }).click();
    await dialog.getByRole('button', { name: 'Restore' }).click();
    await page.waitForURL('**/i/orders-restored');
    const client = await connect(page);
    expect(await client.dbsize()).toBe(502);
    expect(await client.get('order:499')).toBe('paid 499');
    expect(await client.hgetall('customer:1')).toEqual({ name: 'Ada', city: 'London' });
    expect(await client.zrange('ranking', '0', '-1')).toEqual(['grace', 'ada']);
  });

  test('the downloaded file is imported as a third instance, a file that is none is refused in words', async () => {
    const { page } = watched;
    await page.getByRole('link', { name: 'Import' }).click();
    await page.getByRole('textbox', { name: 'Name' }).fill('orders-imported');
    await page.getByText('Nano').click();
    await page.getByLabel('RDB file').setInputFiles({ name: 'notes.rdb', mimeType: 'application/octet-stream', buffer: Buffer.from('no dump at all') });
    await page.getByRole('button', { name: 'Upload and create' }).click();
    await page.getByRole('alert').filter({ hasText: /\w/ }).first().waitFor();
    await page.getByLabel('RDB file').setInputFiles({ name: 'dump.rdb', mimeType: 'application/octet-stream', buffer: rdb });
    await page.getByRole('button', { name: 'Upload and create' }).click();
    await page.waitForURL('**/i/orders-imported');
    const client = await connect(page);
    expect(await client.dbsize()).toBe(502);
  });

  test('it is deleted once its name was typed', async () => {
    const { page } = watched;
    await page.goto('/o/main/i/orders-restored');
    await page.getByRole('navigation', { name: 'Parts of orders-restored' }).getByRole('link', { name: 'Settings' }).click();
    await page.getByRole('button', { name: 'Delete…' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByRole('switch', { name: 'Take a final backup first' }).click();
    await dialog.getByLabel('Type orders-restored to confirm').fill('orders-restored');
    await dialog.getByRole('button', { name: 'Delete instance' }).click();
    await page.getByRole('link', { name: 'orders-restored' }).waitFor({ state: 'detached', timeout: 60_000 });
    await page.getByRole('link', { name: 'orders', exact: true }).waitFor();
  });

  test('nothing was asked of another host, and no script failed', () => {
    expect(watched.strangers).toEqual([]);
    // What refuses an upload is an HTTP answer, which the browser itself calls an error.
    expect(watched.faults.filter((fault) => !/the server responded with a status of 4/.test(fault))).toEqual([]);
  });
});

// The API process: GraphQL, transfers, health and metrics on API_PORT.
//
// Invariant: it holds nothing that a kill could lose. SIGTERM stops taking requests, ends the open ones and leaves.
import 'reflect-metadata';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { ensureFirstAdministrator, type FirstSignIn } from '@larder/plane-identity';
import { createApi } from './api/api.module';
import { joinApi } from './api/api-services';
import { openPlatform, SettingsFault } from './platform';

const stopMsMax = 4_000;

async function main(): Promise<void> {
  const platform = await openPlatform('api');
  const { log, settings } = platform;
  const { version } = JSON.parse(readFileSync(path.join(platform.root, 'package.json'), 'utf8')) as { version: string };
  const api = joinApi(platform, version);
  const app = await createApi(api);
  process.on('unhandledRejection', (error) => log.error({ err: error }, 'unhandled rejection'));
  const stop = (): void => {
    setTimeout(() => process.exit(0), stopMsMax).unref();
    app.close().then(() => api.close()).then(() => process.exit(0), (error: unknown) => {
      log.error({ err: error }, 'cannot stop in order');
      process.exit(1);
    });
  };
  process.once('SIGTERM', stop).once('SIGINT', stop);
  const firstSignIn = await ensureFirstAdministrator(platform);
  if (firstSignIn !== undefined) show(firstSignIn);
  await app.listen({ port: settings.apiPort, host: settings.bindAddress });
  log.info({ port: settings.apiPort }, 'api is running');
}

/** To whoever started us, else on our own output: once, never into the log. */
function show(firstSignIn: FirstSignIn): void {
  const { email, password } = firstSignIn;
  const markShown = (): void => void firstSignIn.markShown().catch(() => undefined);
  if (process.send === undefined) {
    process.stdout.write(`First sign-in (shown this once): ${email}  ${password}\n`);
    markShown();
    return;
  }
  process.on('message', (message: { readonly firstSignInShown?: boolean }) => {
    if (message.firstSignInShown === true) markShown();
  });
  process.send({ firstSignIn: { email, password } });
}

main().catch((error: unknown) => {
  process.stderr.write(`${error instanceof SettingsFault ? error.message : error instanceof Error ? error.stack ?? error.message : String(error)}\n`);
  process.exit(1);
});

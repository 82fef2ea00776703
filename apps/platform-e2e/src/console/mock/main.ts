// `node apps/platform-e2e/src/console/mock/main.ts`: the made-up API by itself, for working on screens. PORT moves it.
import path from 'node:path';
import { startMockApi } from './mock-api.ts';

const api = await startMockApi(path.resolve(import.meta.dirname, '../../../../..'), Number(process.env.PORT ?? 4099));
process.stdout.write(`mock API at ${api.url}/graphql\n`);

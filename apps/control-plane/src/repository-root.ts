// Where the product lies on disk: the directory that holds prisma/migrations and node_modules, looked for upwards from this file,
// so that it is found from a bundle in dist/ and from the sources alike.
import { existsSync } from 'node:fs';
import path from 'node:path';

export function repositoryRoot(from: string = __dirname): string {
  for (let at = from; ; at = path.dirname(at)) {
    if (existsSync(path.join(at, 'prisma/migrations'))) return at;
    if (at === path.dirname(at)) throw new Error(`no prisma/migrations above ${from}: the installation is incomplete`);
  }
}

/**
 * Where the repository lies: the nearest folder, from the working directory or the started script
 * upwards, that holds the end-to-end tests' own package. (`import.meta` is not available to every
 * compiler that reads this file, so the place is found by looking.)
 */
import { existsSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';

const LANDMARK = 'libs/shared/testing/package.json';

export function repositoryRoot(): string {
  for (const start of [process.cwd(), dirname(resolve(process.argv[1] ?? '.'))]) {
    for (let folder = start; ; folder = dirname(folder)) {
      if (existsSync(join(folder, LANDMARK))) return folder;
      if (folder === dirname(folder)) break;
    }
  }
  throw new Error(`cannot find the repository: no ${LANDMARK} above ${process.cwd()}`);
}

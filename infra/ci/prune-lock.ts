/**
 * Run after `npm install` changed the lock: `node infra/ci/prune-lock.ts`.
 *
 * Some packages list optional builds for platforms that a registry does not serve. `npm install` leaves such a name in its
 * parent's list without an entry of its own, and `npm ci` then refuses the whole lock ("Missing: NAME from lock file"). This
 * drops those names, and refuses a lock that names a host: any registry or mirror must be able to serve it.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { at } from '../build/workspace.ts';

interface Entry {
  resolved?: string;
  link?: boolean;
  optionalDependencies?: Record<string, string>;
}

const file = at('package-lock.json');
const lock = JSON.parse(readFileSync(file, 'utf8')) as { packages: Record<string, Entry> };

const hosted = Object.entries(lock.packages).filter(([, entry]) => entry.resolved !== undefined && entry.link !== true);
if (hosted.length > 0) throw new Error(`package-lock.json names a host for ${hosted[0]![0]}; is omit-lockfile-registry-resolved set?`);

let dropped = 0;
for (const [place, entry] of Object.entries(lock.packages)) {
  for (const name of Object.keys(entry.optionalDependencies ?? {})) {
    if (isLocked(place, name)) continue;
    delete entry.optionalDependencies![name];
    dropped++;
  }
}
writeFileSync(file, `${JSON.stringify(lock, null, 2)}\n`);
console.log(`dropped ${dropped} optional packages that the registry does not serve`);

/** Looks where Node would: beside the package that asks, then in every folder above it. */
function isLocked(place: string, name: string): boolean {
  for (let folder = place; ; folder = folder.slice(0, Math.max(0, folder.lastIndexOf('node_modules/') - 1))) {
    if (lock.packages[`${folder === '' ? '' : `${folder}/`}node_modules/${name}`] !== undefined) return true;
    if (folder === '') return false;
  }
}

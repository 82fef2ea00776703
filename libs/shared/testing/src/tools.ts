/**
 * Programs that tests need beside Node, and how one gets them.
 *
 * Rule: on a developer's machine a missing program skips the tests that need it, and the skipped
 * test's name says how to install it; where `CI=true` the same test fails, so that nothing vanishes
 * quietly from the build.
 */
import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';

const INSTALL_HINTS: Record<string, string> = {
  'redis-server': 'apt-get install redis-server',
  'redis-cli': 'apt-get install redis-tools',
  'redis-benchmark': 'apt-get install redis-tools',
  'redis-check-rdb': 'apt-get install redis-tools',
  openssl: 'apt-get install openssl',
  'python3-redis': 'apt-get install python3-redis',
  chromium: 'apt-get install chromium',
};

/** Debian's python3 sees python3-redis; another python3 earlier in PATH does not. */
const FIXED_PLACES: Record<string, string> = {
  'python3-redis': '/usr/lib/python3/dist-packages/redis/__init__.py',
};

export function toolPath(name: string): string | undefined {
  const fixed = FIXED_PLACES[name];
  if (fixed !== undefined) return existsSync(fixed) ? fixed : undefined;
  for (const folder of (process.env['PATH'] ?? '').split(delimiter)) {
    const candidate = join(folder, name);
    if (folder !== '' && existsSync(candidate)) return candidate;
  }
  return undefined;
}

/** One sentence for each missing program. */
export function missingTools(names: readonly string[]): string[] {
  return names
    .filter((name) => toolPath(name) === undefined)
    .map((name) => `${name} is not installed (${INSTALL_HINTS[name] ?? 'install it'})`);
}

interface TestGlobals {
  describe: ((name: string, body: () => void) => void) & { skip(name: string, body: () => void): void };
  it(name: string, body: () => void): void;
}

/** `describe`, or a skip that says what to install, or in CI a failure that says it. */
export function describeNeeding(tools: readonly string[], name: string, body: () => void): void {
  const { describe, it } = globalThis as unknown as TestGlobals;
  const missing = missingTools(tools).join('; ');
  if (missing === '') return describe(name, body);
  if (process.env['CI'] !== 'true') return describe.skip(`${name} [skipped: ${missing}]`, body);
  describe(name, () => {
    it('finds the programs it needs', () => {
      throw new Error(missing);
    });
  });
}

/**
 * Proves that the fences of eslint.config.mjs stand: each row is a line that must be refused, in a place that must refuse it.
 * A lint rule that quietly stopped working looks exactly like clean code, so this runs with every test run.
 */
import { existsSync } from 'node:fs';
import { ESLint } from 'eslint';
import { at, root } from '../build/workspace.ts';

interface Planted {
  readonly where: string;
  readonly line: string;
  readonly rule: string;
}

const direction = '@nx/enforce-module-boundaries';

const planted: readonly Planted[] = [
  { where: 'libs/store/resp/src/planted.ts', line: "import '@larder/store-dispatch';", rule: direction }, // base -> core
  { where: 'libs/store/dispatch/src/planted.ts', line: "import '@larder/store-scripting';", rule: direction }, // core -> room
  { where: 'libs/store/scripting/src/planted.ts', line: "import '@larder/store-commands';", rule: direction }, // room -> room
  { where: 'libs/store/commands/src/planted.ts', line: "import '@larder/plane-domain';", rule: direction }, // store -> plane
  { where: 'libs/plane/domain/src/planted.ts', line: "import '@larder/store-resp';", rule: direction }, // plane -> store
  { where: 'libs/shared/std/src/planted.ts', line: "import '@larder/store-settings';", rule: direction }, // shared -> contract
  { where: 'libs/store/keyspace/src/planted.ts', line: "import { readFileSync } from 'node:fs'; readFileSync('x');", rule: 'no-restricted-imports' },
  { where: 'libs/store/keyspace/src/planted.ts', line: "import net from 'net'; net.connect(1);", rule: 'no-restricted-imports' },
  { where: 'libs/store/keyspace/src/planted.ts', line: 'export const now = Date.now();', rule: 'no-restricted-properties' },
  { where: 'libs/store/memory/src/planted.ts', line: 'export const luck = Math.random();', rule: 'no-restricted-properties' },
  { where: 'libs/store/commands/src/planted.ts', line: 'setTimeout(() => undefined, 1);', rule: 'no-restricted-globals' },
  { where: 'libs/store/commands/src/planted.ts', line: 'setInterval(() => undefined, 1);', rule: 'no-restricted-globals' },
  { where: 'libs/plane/domain/src/planted.ts', line: "import '@prisma/client';", rule: 'no-restricted-imports' },
  { where: 'apps/data-plane-e2e/src/planted.ts', line: "import '@larder/store-resp';", rule: 'no-restricted-imports' },
  { where: 'apps/data-plane-e2e/src/planted.ts', line: "import '../../../libs/store/resp/src/index';", rule: 'no-restricted-imports' },
];

/** What must stay allowed, or the fences are walls. */
const innocent: readonly Omit<Planted, 'rule'>[] = [
  { where: 'libs/store/dispatch/src/planted.ts', line: "import '@larder/store-resp';" },
  { where: 'libs/store/server/src/planted.ts', line: "import { connect } from 'node:net'; import '@larder/store-scripting'; connect(Date.now());" },
  { where: 'apps/data-plane-e2e/src/planted.ts', line: "import '@larder/shared-testing';" },
];

const eslint = new ESLint({ cwd: root });
const faults: string[] = [];
let checked = 0;
for (const { where, line, rule } of planted) {
  if (!isThere(where)) continue;
  const rules = await rulesBroken(where, line);
  checked++;
  if (!rules.includes(rule)) faults.push(`${where}: ${rule} does not refuse: ${line}`);
}
for (const { where, line } of innocent) {
  if (!isThere(where)) continue;
  const rules = await rulesBroken(where, line);
  checked++;
  if (rules.length > 0) faults.push(`${where}: ${rules.join(', ')} refuses: ${line}`);
}
console.log(faults.length === 0 ? `${checked} fence posts stand` : faults.join('\n'));
process.exitCode = faults.length === 0 && checked > 0 ? 0 : 1;

function isThere(where: string): boolean {
  return existsSync(at(where.split('/').slice(0, where.startsWith('apps/') ? 2 : 3).join('/'), 'package.json'));
}

async function rulesBroken(where: string, line: string): Promise<string[]> {
  const [result] = await eslint.lintText(`${line}\n`, { filePath: at(where) });
  return result!.messages.map((message) => message.ruleId ?? message.message);
}

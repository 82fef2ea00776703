/**
 * `npm test`: everything that must hold before a change is done, cheapest first.
 *
 *   build (with Prisma client) -> lint -> fences -> type check -> unit tests -> end-to-end tests, app by app
 *
 * A failed stage does not stop the later ones, because a person wants to know all that is wrong at once; only a failed build
 * stops the end-to-end tests, which would run yesterday's product. The last line is `N passed, N failed`, summed over the test
 * runs, a stage that failed without a failing test (a type error, a crash of the runner) counting as one failure.
 *
 * Tests start real processes and a browser, so that a machine that stands still for seconds can turn one red. Where a few test files
 * failed, they run a second time, alone. What passes then counts as passed and is named in the summary as unsteady: such
 * a test does not wait for what it judges and wants mending. What fails twice has failed.
 *
 * `npm test -- unit lint` runs the stages named.
 */
import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { at, root } from '../build/workspace.ts';

interface Tally {
  passed: number;
  failed: number;
}

interface Stage {
  readonly name: string;
  readonly needsBuild?: boolean;
  /** A jest run writes its counts here. */
  readonly report?: string;
  readonly config?: string;
  readonly script: string;
  readonly args: readonly string[];
  readonly timeLimitMs: number;
}

/** Of jest's report, what is read here. */
interface Report {
  readonly testResults: readonly {
    /** The file's path. */
    readonly name: string;
    readonly status: 'passed' | 'failed';
    readonly assertionResults: readonly { readonly status: string; readonly fullName: string }[];
  }[];
}

const MINUTE_MS = 60_000;
/** More failed files than this are no accident. */
const secondRunsMax = 4;
const reports = at('node_modules/.cache/larder/test');

function stages(): Stage[] {
  const suites = existsSync(at('apps')) ? readdirSync(at('apps')).filter((name) => name.endsWith('-e2e') && holdsTests(at('apps', name))).sort() : [];
  return [
    { name: 'build', script: 'infra/build/build.ts', args: [], timeLimitMs: 5 * MINUTE_MS },
    { name: 'lint', script: 'node_modules/eslint/bin/eslint.js', args: ['.', '--max-warnings', '0'], timeLimitMs: 6 * MINUTE_MS },
    { name: 'fences', script: 'infra/ci/fences.ts', args: [], timeLimitMs: MINUTE_MS },
    { name: 'typecheck', script: 'infra/ci/typecheck.ts', args: [], timeLimitMs: 6 * MINUTE_MS },
    jest('unit', 'jest.config.mjs', [], false),
    ...suites.map((app) => jest(app, 'jest.e2e.config.mjs', [`apps/${app}/`], true)),
  ];
}

function jest(name: string, config: string, paths: readonly string[], needsBuild: boolean): Stage {
  const report = `${reports}/${name}.json`;
  return {
    name,
    needsBuild,
    report,
    config,
    script: 'node_modules/jest/bin/jest.js',
    args: [...jestArgs(config, report), ...paths],
    timeLimitMs: 25 * MINUTE_MS,
  };
}

/** --forceExit: a test that failed before it closed its server would keep jest alive until the time limit. */
function jestArgs(config: string, report: string): string[] {
  return ['-c', config, '--ci', '--passWithNoTests', '--forceExit', '--json', '--outputFile', report];
}

function holdsTests(dir: string): boolean {
  return readdirSync(dir, { recursive: true, encoding: 'utf8' }).some((name) => name.endsWith('.e2e.ts'));
}

async function main(wanted: readonly string[]): Promise<void> {
  rmSync(reports, { recursive: true, force: true });
  mkdirSync(reports, { recursive: true });
  const all = stages();
  const unknown = wanted.filter((name) => !all.some((stage) => stage.name === name));
  if (unknown.length > 0) throw new Error(`no such stage: ${unknown.join(', ')} (there are ${all.map((stage) => stage.name).join(', ')})`);

  const total: Tally = { passed: 0, failed: 0 };
  const lines: string[] = [];
  let isBuilt = true;
  for (const stage of all) {
    if (wanted.length > 0 && !wanted.includes(stage.name)) continue;
    if (stage.needsBuild && !isBuilt) {
      lines.push(`${stage.name.padEnd(16)} not run: the build failed`);
      continue;
    }
    console.log(`\n== ${stage.name}`);
    const startedAt = performance.now();
    let outcome = await run(stage);
    const tally = count(stage, outcome);
    const unsteady = outcome === 'ok' ? [] : await runFailedAgain(stage, tally);
    if (unsteady.length > 0 && tally.failed === 0) outcome = 'ok';
    if (stage.name === 'build' && outcome !== 'ok') isBuilt = false;
    total.passed += tally.passed;
    total.failed += tally.failed;
    const seconds = ((performance.now() - startedAt) / 1000).toFixed(0);
    const tests = stage.report === undefined ? '' : `${tally.passed} passed, ${tally.failed} failed, `;
    lines.push(`${stage.name.padEnd(16)} ${outcome === 'ok' ? 'ok' : `FAILED (${outcome})`}: ${tests}${seconds} s`);
    lines.push(...unsteady.map((name) => `${''.padEnd(16)} unsteady, passed the second time: ${name}`));
  }
  console.log(`\n${lines.join('\n')}\n`);
  console.log(`${total.passed} passed, ${total.failed} failed`);
  process.exitCode = total.failed === 0 ? 0 : 1;
}

/** Runs the few files that failed once more, alone, and corrects `tally`; answers the tests that failed only the first time. */
async function runFailedAgain(stage: Stage, tally: Tally): Promise<string[]> {
  if (stage.report === undefined || !existsSync(stage.report)) return [];
  const failed = readReport(stage.report).testResults.filter(({ status }) => status === 'failed');
  if (failed.length === 0 || failed.length > secondRunsMax) return [];
  console.log(`\n== ${stage.name}, again: ${failed.map(({ name }) => path.relative(root, name)).join(', ')}`);
  const report = stage.report.replace('.json', '-again.json');
  const outcome = await run({ ...stage, report, args: [...jestArgs(stage.config!, report), '--runInBand', '--runTestsByPath', ...failed.map(({ name }) => name)] });
  if (!existsSync(report)) return [];
  const again = readReport(report).testResults;
  const testsOf = (files: Report['testResults'], status: string): string[] =>
    files.flatMap(({ name, assertionResults }) => assertionResults.filter((test) => test.status === status).map(({ fullName }) => `${path.relative(root, name)}: ${fullName}`));
  const passed = new Set(testsOf(again, 'passed'));
  tally.passed += passed.size - testsOf(failed, 'passed').length;
  tally.failed = testsOf(again, 'failed').length;
  if (outcome !== 'ok' && tally.failed === 0) tally.failed = 1;
  const fell = testsOf(failed, 'failed');
  return (fell.length > 0 ? fell : failed.map(({ name }) => path.relative(root, name))).filter((name) => fell.length === 0 || passed.has(name));
}

function readReport(file: string): Report {
  return JSON.parse(readFileSync(file, 'utf8')) as Report;
}

/** 'ok', or why not. The child gets no stdin: nothing here may wait for a person. */
async function run(stage: Stage): Promise<string> {
  const flags = stage.report === undefined ? [] : ['--experimental-vm-modules', '--disable-warning=ExperimentalWarning'];
  const child = spawn(process.execPath, [...flags, at(stage.script), ...stage.args], {
    cwd: root,
    stdio: ['ignore', 'inherit', 'inherit'],
    detached: true,
    env: { ...process.env, NX_DAEMON: 'false', NEXT_TELEMETRY_DISABLED: '1' },
  });
  // The stage is a process group of its own, so that what a hung test started goes with it.
  const endGroup = (signal: NodeJS.Signals): void => {
    try {
      process.kill(-child.pid!, signal);
    } catch {
      // The group is gone already.
    }
  };
  const passOn = (signal: NodeJS.Signals): void => {
    endGroup(signal);
    process.exit(130);
  };
  process.on('SIGINT', passOn).on('SIGTERM', passOn);
  let isLate = false;
  const limit = setTimeout(() => {
    isLate = true;
    endGroup('SIGKILL');
  }, stage.timeLimitMs);
  const outcome = await new Promise<string>((resolve) => {
    child.once('error', (error) => resolve(error.message));
    child.once('exit', (code, signal) => resolve(code === 0 ? 'ok' : signal === null ? `exit code ${code}` : `signal ${signal}`));
  });
  clearTimeout(limit);
  process.off('SIGINT', passOn).off('SIGTERM', passOn);
  endGroup('SIGKILL');
  return isLate ? `still running after ${stage.timeLimitMs / MINUTE_MS} minutes` : outcome;
}

function count(stage: Stage, outcome: string): Tally {
  const tally: Tally = { passed: 0, failed: 0 };
  if (stage.report !== undefined && existsSync(stage.report)) {
    const result = JSON.parse(readFileSync(stage.report, 'utf8')) as { numPassedTests: number; numFailedTests: number };
    tally.passed = result.numPassedTests;
    tally.failed = result.numFailedTests;
  }
  if (outcome !== 'ok' && tally.failed === 0) tally.failed = 1;
  return tally;
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  try {
    await main(process.argv.slice(2));
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    process.exitCode = 1;
  }
}

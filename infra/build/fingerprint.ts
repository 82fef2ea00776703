/**
 * Decides whether a built thing is still the product of its sources, by content and never by time: a fresh clone, a restored
 * CI cache and a branch switched to and fro all answer rightly. Reading every source of the largest target takes some 30 ms,
 * which is why `npm start` can ask each time.
 *
 * A stamp file lies beside the output and is written last, so an interrupted build is never taken for a finished one.
 */
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { at, root } from './workspace.ts';

/** Not part of any product: tests, benches, what builds and tools leave behind. */
const skippedDirs = new Set(['node_modules', 'dist', '.next', '.nx', '.larder', 'coverage', '__golden__', 'testing']);
const skippedFiles = /\.(spec|e2e|bench)\.tsx?$|\.(md|tsbuildinfo|log)$|^next-env\.d\.ts$/;

/** Every build depends on these beside its own sources. */
const always = ['package-lock.json', 'tsconfig.base.json', 'infra/build'];

export function fingerprint(sources: readonly string[]): string {
  const hash = createHash('sha256').update(process.versions.node.split('.')[0]!);
  for (const source of [...always, ...sources]) addTree(hash, at(source));
  return hash.digest('hex');
}

export function isFresh(stampFile: string, print: string, outputs: readonly string[]): boolean {
  if (!existsSync(stampFile) || readFileSync(stampFile, 'utf8') !== print) return false;
  return outputs.every((output) => existsSync(output));
}

export function writeStamp(stampFile: string, print: string): void {
  mkdirSync(path.dirname(stampFile), { recursive: true });
  writeFileSync(stampFile, print);
}

export function dropStamp(stampFile: string): void {
  rmSync(stampFile, { force: true });
}

function addTree(hash: ReturnType<typeof createHash>, file: string): void {
  const stat = statSync(file, { throwIfNoEntry: false });
  if (stat === undefined) return;
  if (stat.isDirectory()) {
    for (const name of readdirSync(file).sort()) {
      if (!skippedDirs.has(name) && !skippedFiles.test(name)) addTree(hash, path.join(file, name));
    }
    return;
  }
  const text = readFileSync(file);
  hash.update(`${path.relative(root, file)}\0${text.length}\0`).update(text);
}

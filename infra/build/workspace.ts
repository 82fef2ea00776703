/** Where things lie. Scripts may be started from any directory, so every path begins here. */
import path from 'node:path';

export const root = path.resolve(import.meta.dirname, '../..');
export const at = (...parts: string[]): string => path.join(root, ...parts);

/** What a build step says while a person waits: one line, its scope first. */
export function say(scope: string, line: string): void {
  process.stderr.write(`${scope.padEnd(14)} ${line}\n`);
}

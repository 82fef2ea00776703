// Where a member lives on disk, and what lies there.
//
//   <home>/instances/<instance id>/<member name>/   0700
//     member.json     whose it is: found again by list()
//     redis.conf      0600, written anew at every start
//     process.json    identity of the running process
//     start.lock      see start-lock.ts
//     dump.rdb        the data: the last snapshot
//     appendonlydir/  and the append-only file in its parts
//     store.log       log (and .1, .2), redis.pid
import { chmodSync, closeSync, existsSync, fsyncSync, mkdirSync, openSync, readFileSync, readdirSync, renameSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { MemberRef } from '@larder/plane-domain';
import { configFileName } from './process-identity';

export const fileNames = { member: 'member.json', config: configFileName, data: 'dump.rdb', appendLog: 'appendonlydir', log: 'store.log', pid: 'redis.pid' } as const;

export function directoryOf(home: string, member: MemberRef): string {
  return path.join(home, 'instances', member.instanceId, member.name);
}

export function ensureDirectory(home: string, member: MemberRef): string {
  const directory = directoryOf(home, member);
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  for (const each of [path.join(home, 'instances'), path.dirname(directory), directory]) chmodSync(each, 0o700);
  const file = path.join(directory, fileNames.member);
  // Field by field: a ProcessWish is a MemberRef too, and its secrets do not belong here.
  const { organizationId, instanceId, memberId, name } = member;
  if (!existsSync(file)) writeWhole(file, `${JSON.stringify({ organizationId, instanceId, memberId, name })}\n`);
  return directory;
}

export function listMembers(home: string): MemberRef[] {
  const root = path.join(home, 'instances');
  return namesIn(root).flatMap((instanceId) => namesIn(path.join(root, instanceId)).flatMap((name) => {
    try {
      return [JSON.parse(readFileSync(path.join(root, instanceId, name, fileNames.member), 'utf8')) as MemberRef];
    } catch {
      return []; // made, and its maker died before the next line: ensureDirectory writes it
    }
  }));
}

/** The whole text or the old one, never half; 0600. */
export function writeWhole(file: string, text: string): void {
  const fresh = `${file}.${process.pid}.tmp`;
  writeFileSync(fresh, text, { mode: 0o600 });
  renameSync(fresh, file);
}

export function syncPath(file: string): void {
  const handle = openSync(file, 'r');
  try {
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
}

function namesIn(directory: string): string[] {
  return existsSync(directory) ? readdirSync(directory) : [];
}

/** The file of `aclfile`: one line a user, read whole, written whole beside it and renamed. */
import { closeSync, fsyncSync, openSync, readFileSync, renameSync, rmSync, writeSync } from 'node:fs';
import { getSystemErrorMessage } from 'node:util';
import { toUtf8 } from '@larder/store-settings';
import type { Acl } from './acl';

function words(error: unknown): string {
  const { errno, message } = error as NodeJS.ErrnoException;
  const text = errno === undefined ? message : getSystemErrorMessage(errno);
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** Takes over what the file says; or returns what is wrong, and nothing has changed. */
export function loadAclFile(acl: Acl, file: string): string | undefined {
  let text: string;
  try {
    text = readFileSync(toUtf8(file), 'latin1');
  } catch (error) {
    return `Error loading ACLs, opening file '${file}': ${words(error)}`;
  }
  return acl.load(text, file);
}

/** Returns why it failed. */
export function saveAclFile(acl: Acl, file: string): string | undefined {
  const temporary = toUtf8(`${file}.tmp-${process.pid}`);
  let step = 'Opening temp';
  try {
    const descriptor = openSync(temporary, 'w', 0o644);
    step = 'Writing';
    try {
      writeSync(descriptor, Buffer.from(acl.text(), 'latin1'));
      fsyncSync(descriptor);
    } finally {
      closeSync(descriptor);
    }
    step = 'Renaming';
    renameSync(temporary, toUtf8(file));
    return undefined;
  } catch (error) {
    rmSync(temporary, { force: true });
    return `${step} ACL file for ACL SAVE: ${words(error)}`;
  }
}

/** What the C library says of an error of the system. */
import { getSystemErrorMessage, getSystemErrorName } from 'node:util';

/** Where libuv says it otherwise. */
const OTHERWISE: Readonly<Record<string, string>> = { EADDRNOTAVAIL: 'Cannot assign requested address' };

/** `errno` as Node has it: negative. */
export function systemWords(errno: number): string {
  const text = OTHERWISE[getSystemErrorName(errno)] ?? getSystemErrorMessage(errno);
  return text.charAt(0).toUpperCase() + text.slice(1);
}

// What went wrong with the place where backups lie, in words that name it.
export class StorageFault extends Error {
  readonly code: string | undefined;

  constructor(doing: string, cause: unknown) {
    const { code, message } = cause as NodeJS.ErrnoException;
    const isFull = code === 'ENOSPC' || code === 'EDQUOT';
    super(`cannot ${doing}: ${isFull ? 'no space left' : message}`, { cause });
    this.name = 'StorageFault';
    this.code = code;
  }

  get isFull(): boolean {
    return this.code === 'ENOSPC' || this.code === 'EDQUOT';
  }
}

/** Keys are ours (domain: backupStorageKey), yet nothing that could leave the root is let through. */
export function checkKey(key: string): string {
  if (!/^[A-Za-z0-9_-][A-Za-z0-9._-]*(\/[A-Za-z0-9_-][A-Za-z0-9._-]*)*$/.test(key)) throw new Error(`"${key}" is not a storage key`);
  return key;
}

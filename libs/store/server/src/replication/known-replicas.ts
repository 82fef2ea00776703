/**
 * That a primary has replicas, remembered in a file beside its data. A primary that starts without a key although it had replicas has
 * lost something that they still have: it must not empty them, which is what a full synchronisation would do.
 *
 * The file is made when the first replica comes, and goes when there have been none for `repl-backlog-ttl`, or when the server becomes
 * a replica itself. It may be deleted by hand.
 */
import { existsSync, rmSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import type { StoreServer } from '../store-server';

const NAME = 'larder-has-replicas';
const TEXT = 'This server had replicas. If it starts without data, it gives them no full synchronisation until told so:\nCONFIG SET repl-refuse-empty-full-sync no, or delete this file and restart.\n';

export class KnownReplicas {
  private readonly server: StoreServer;
  /** What the file says, as far as this process knows. */
  private isNoted: boolean | undefined;

  constructor(server: StoreServer) {
    this.server = server;
  }

  private get path(): string {
    return resolve(this.server.settings.path('dir') || '.', NAME);
  }

  get exist(): boolean {
    return existsSync(this.path);
  }

  /** Makes the file say so. That it cannot be written is no reason to refuse replicas. */
  note(exist: boolean): void {
    if (this.isNoted === exist) return;
    this.isNoted = exist;
    try {
      if (exist) writeFileSync(this.path, TEXT);
      else rmSync(this.path, { force: true });
    } catch (error) {
      this.server.log.verbose(`It could not be noted that there are replicas: ${(error as Error).message}`);
    }
  }
}

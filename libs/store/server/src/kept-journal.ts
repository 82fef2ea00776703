/** The whole journal since the start, for the judges of threads (`debug-journal yes`): DEBUG JOURNAL answers it. */
import { JournalReader, JournalRing } from '@larder/store-threads';
import type { StoreServer } from './store-server';

export interface KeptCommand {
  database: number;
  /** As it would stand in an append-only file. */
  bytes: Buffer;
  /** Commands of one unit have the same number. */
  unit: number;
}

export class KeptJournal {
  readonly commands: KeptCommand[] = [];
  private readonly reader: JournalReader;

  /** Begins to keep. Before other threads join. */
  constructor(server: StoreServer) {
    this.reader = new JournalReader(new JournalRing(server.journalRing));
    server.startJournal(true);
  }

  read(): void {
    this.reader.drain((database, bytes, off, length) => {
      this.commands.push({ database, bytes: Buffer.from(bytes.subarray(off, off + length)), unit: this.reader.units });
    });
  }
}

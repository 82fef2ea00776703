/**
 * What commands of consumer groups leave in the journal: not themselves (they depend on time and on what others were given), but what
 * they did, in Redis' own form:
 *
 *   an entry given to a consumer    XCLAIM key group consumer 0 id TIME ms RETRYCOUNT n FORCE JUSTID LASTID id
 *   how far a group has read        XGROUP SETID key group id ENTRIESREAD n
 *   a consumer without entries      XGROUP CREATECONSUMER key group consumer
 *
 * XREADGROUP always says how far it came (Redis 7 does with NOACK only, and its replicas count wrongly ever after). That an entry was
 * read again by its own consumer is not told: its times and counts may be older after a restart, as with Redis.
 */
import { StreamId, int64ToBigInt } from '@larder/store-datatypes';
import type { StreamLog } from '@larder/store-datatypes';
import type { Unit } from '@larder/store-dispatch';
import { Args } from '@larder/store-resp';

type Words = (string | Uint8Array)[];

const last = new StreamId();
const pendingId = new StreamId();

/** One thread's; used between `begin` and `end` of one command. */
class GroupJournal {
  private readonly commands: Words[] = [];
  private isWanted = false;
  private key: Uint8Array = new Uint8Array(0);
  private group: Uint8Array = new Uint8Array(0);

  begin(unit: Unit): void {
    this.commands.length = 0;
    this.isWanted = unit.dispatcher.journal !== null;
  }

  /** What follows is about the group in argument `group` of the stream in argument `key`. */
  about(unit: Unit, key: number, group: number): void {
    if (!this.isWanted) return;
    this.key = unit.args.copy(key);
    this.group = unit.args.copy(group);
  }

  /** The pending entry at hand is its consumer's now, as it stands. */
  given(stream: StreamLog): void {
    if (!this.isWanted) return;
    const { groups } = stream;
    groups.takeOwner();
    this.commands.push([
      'XCLAIM', this.key, this.group, consumerName(stream), '0', groups.pendingId(pendingId).text(),
      'TIME', String(int64ToBigInt(groups.deliveredHi, groups.deliveredLo)),
      'RETRYCOUNT', String(int64ToBigInt(groups.deliveriesHi, groups.deliveriesLo)),
      'FORCE', 'JUSTID', 'LASTID', groups.readLastId(last).text(),
    ]);
  }

  lastIdSet(stream: StreamLog): void {
    if (!this.isWanted) return;
    const { groups } = stream;
    const read = String(int64ToBigInt(groups.readHi, groups.readLo));
    this.commands.push(['XGROUP', 'SETID', this.key, this.group, groups.readLastId(last).text(), 'ENTRIESREAD', read]);
  }

  consumerCreated(stream: StreamLog): void {
    if (this.isWanted) this.commands.push(['XGROUP', 'CREATECONSUMER', this.key, this.group, consumerName(stream)]);
  }

  /** Writes what was done instead of the command that runs: nothing, if nothing was. */
  end(unit: Unit): void {
    const { journal } = unit.dispatcher;
    if (!this.isWanted || journal === null) return;
    const own = this.commands.pop() ?? [];
    for (const words of this.commands) journal.append(unit.session.database, new Args().set(words));
    this.commands.length = 0;
    unit.journalAs(...own);
  }
}

function consumerName({ groups }: StreamLog): Uint8Array {
  return Buffer.from(groups.consumerU8.subarray(groups.consumerOffset, groups.consumerOffset + groups.consumerLength));
}

export const groupJournal = new GroupJournal();

import { Lineage } from './lineage';
import { NO_ID } from './replication-state';
import { SharedReplication } from './shared-replication';

const P = 'p'.repeat(40);
const Q = 'q'.repeat(40);

function fresh() {
  let ids = 0;
  const newId = () => String(++ids).padStart(40, '0');
  const shared = new SharedReplication(SharedReplication.reserve(1 << 16));
  shared.state.initialise(newId());
  const lineage = new Lineage(shared, { newId, historyBytes: () => 1 << 14 });
  const ask = (id: string, offset: number) => {
    const { backlog, state } = shared;
    return state.decidePsync(id, offset, { isActive: backlog.isActive, first: backlog.first + 1, end: backlog.end }, 'r').kind;
  };
  return { lineage, shared, ask };
}

describe('the history of a server’s data', () => {
  it('is its own once a replica wants it, and goes with the backlog', () => {
    const { lineage, shared } = fresh();
    const { id } = shared.state;
    expect([lineage.begin(), lineage.begin()]).toEqual([true, false]);
    expect(shared.state.id).not.toBe(id);
    lineage.end();
    expect(shared.backlog.isActive).toBe(false);
  });

  it('is that of its primary after a full synchronisation, and is shared beyond a promotion up to where it was', () => {
    const { lineage, shared, ask } = fresh();
    lineage.demote();
    lineage.givesUp();
    expect([lineage.history, lineage.isHollow]).toEqual([undefined, true]);
    lineage.takes({ id: P, offset: 100 });
    shared.stream.relay(Buffer.from('0123456789'), 0, 10);
    expect([lineage.history, lineage.isHollow]).toEqual([{ id: P, offset: 110 }, false]);
    lineage.promote();
    expect([shared.state.isReplica, shared.state.id2, shared.state.secondOffset]).toEqual([false, P, 111]);
    expect([ask(P, 101), ask(P, 111), ask(P, 112), ask(shared.state.id, 111)]).toEqual(['continue', 'continue', 'full', 'continue']);
  });

  it('is none of anybody’s when the data were given up and no others came', () => {
    const { lineage, ask } = fresh();
    lineage.demote();
    lineage.takes({ id: P, offset: 100 });
    lineage.givesUp();
    lineage.promote();
    expect([lineage.hasHistory, lineage.isHollow, ask(P, 101)]).toEqual([false, false, 'full']);
  });

  it('goes on under the name that the primary gives it', () => {
    const { lineage, shared, ask } = fresh();
    lineage.demote();
    lineage.takes({ id: P, offset: 100 });
    expect([lineage.continues(undefined), lineage.continues(Q)]).toEqual([false, true]);
    expect([shared.state.id, shared.state.id2, ask(P, 101), ask(Q, 101)]).toEqual([Q, P, 'continue', 'continue']);
  });

  it.each([
    [true, ['continue', 'continue'], P, NO_ID],
    [false, ['continue', 'full'], undefined, P],
  ])('is what the file says after a restart, of a replica (%s) or a primary', (isReplica, answers, id, id2) => {
    const { lineage, shared, ask } = fresh();
    shared.state.isReplica = isReplica;
    lineage.restore({ id: P, offset: 100 });
    shared.stream.relay(Buffer.from('0'), 0, 1);
    expect([ask(P, 101), ask(P, 102)]).toEqual(answers);
    expect([lineage.history?.id, shared.state.id2]).toEqual([id, id2]);
  });

  it('is lost to a primary that it came from and that begins anew, and not to another one', () => {
    const { lineage } = fresh();
    lineage.demote();
    expect(lineage.isLostTo({ id: Q, offset: 5 })).toBe(false);
    lineage.takes({ id: P, offset: 100 });
    expect([lineage.isLostTo({ id: Q, offset: 5 }), lineage.isLostTo({ id: Q, offset: 500 }), lineage.isLostTo({ id: P, offset: 5 }), lineage.isLostTo(undefined)]).toEqual([true, false, false, false]);
    lineage.turn();
    expect(lineage.isLostTo({ id: Q, offset: 5 })).toBe(false);
  });
});

import { NO_ID, ReplicationState } from './replication-state';

const A = 'a'.repeat(40);
const B = 'b'.repeat(40);
const held = { isActive: true, first: 101, end: 500 };

function fresh(id = A) {
  const state = new ReplicationState(ReplicationState.reserve());
  state.initialise(id);
  return state;
}

describe('whether a replica may go on where it was', () => {
  it('may from any byte that the backlog holds, and from just behind its end', () => {
    const state = fresh();
    for (const offset of [101, 300, 500, 501]) expect(state.decidePsync(A, offset, held, 'r').kind).toBe('continue');
    for (const offset of [100, 502]) expect(state.decidePsync(A, offset, held, 'r').kind).toBe('full');
  });

  it('may not without a backlog', () => {
    expect(fresh().decidePsync(A, 501, { ...held, isActive: false }, 'r').kind).toBe('full');
  });

  it('may not with the id of another history', () => {
    const decision = fresh().decidePsync(B, 300, held, 'r');
    expect(decision).toEqual({
      kind: 'full',
      log: [`Partial resynchronization not accepted: Replication ID mismatch (Replica asked for '${B}', my replication IDs are '${A}' and '${NO_ID}')`],
    });
  });

  it('may with the id from before a promotion, up to where both histories are the same', () => {
    const state = fresh();
    state.shift(B, 300);
    expect([state.id, state.id2, state.secondOffset]).toEqual([B, A, 301]);
    expect(state.decidePsync(A, 301, held, 'r').kind).toBe('continue');
    expect(state.decidePsync(A, 302, held, 'r').kind).toBe('full');
    expect(state.decidePsync(B, 302, held, 'r').kind).toBe('continue');
  });

  it('says in the log that one begins', () => {
    expect(fresh().decidePsync('?', -1, held, '127.0.0.1:7').kind === 'full').toBe(true);
    expect(fresh().decidePsync('?', -1, held, '127.0.0.1:7')).toEqual({ kind: 'full', log: ['Full resync requested by replica 127.0.0.1:7'] });
  });

  it('is seen by every thread', () => {
    const shared = ReplicationState.reserve();
    const one = new ReplicationState(shared);
    const other = new ReplicationState(shared);
    one.initialise(A);
    one.shift(B, 7);
    one.isReplica = true;
    expect([other.id, other.id2, other.secondOffset, other.isReplica]).toEqual([B, A, 8, true]);
  });
});

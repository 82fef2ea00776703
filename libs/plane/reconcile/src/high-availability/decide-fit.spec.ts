import { decideBarred, isCertainlyUnchanged, isSafeToHandOver } from './decide-fit';
import type { StoreView } from './decide-roles';

const primary: StoreView = { name: 'a', port: 1, role: 'PRIMARY', followsPort: null, isLinkUp: false, offset: 100 };
const replica = (name: string, port: number, change: Partial<StoreView> = {}): StoreView => ({ name, port, role: 'REPLICA', followsPort: 1, isLinkUp: true, offset: 100, ...change });

describe('a handover without a loss', () => {
  it('is safe where everybody whom the Sentinel could choose has everything', () => {
    expect(isSafeToHandOver(primary, [replica('b', 2), replica('c', 3)], [2, 3], null)).toBe(true);
    expect(isSafeToHandOver(primary, [replica('b', 2), replica('c', 3, { offset: 99 })], [2, 3], null)).toBe(false);
  });
  it('is not while one that lost its link could look better to a Sentinel than one that has everything', () => {
    const lost = replica('c', 3, { isLinkUp: false, offset: 95 });
    expect(isSafeToHandOver(primary, [replica('b', 2), lost], [2, 3], null)).toBe(false);
    expect(isSafeToHandOver(primary, [replica('b', 2), lost], [2], null)).toBe(true);
    expect(decideBarred(primary, [replica('b', 2), lost])).toEqual([lost]);
    // Of nobody that hears the primary nobody is barred: then nothing can be handed over, and the Sentinels keep their choice.
    expect(decideBarred(primary, [lost])).toEqual([]);
  });
  it('is not while one is being filled: it has an offset of nothing', () => {
    expect(isSafeToHandOver(primary, [replica('b', 2, { isLinkUp: false, offset: 1 })], [2], null)).toBe(false);
  });
  it('does not take the offset of another history for its own', () => {
    expect(isSafeToHandOver(primary, [replica('b', 2), replica('c', 3, { followsPort: 9, offset: 500 })], [2, 3], null)).toBe(false);
  });
  it('is not while the Sentinel that is asked does not answer, or knows nobody', () => {
    expect([undefined, []].map((choosable) => isSafeToHandOver(primary, [replica('b', 2)], choosable, null))).toEqual([false, false]);
  });
  it('waits for the one that is wished', () => {
    expect(isSafeToHandOver(primary, [replica('b', 2), replica('c', 3)], [2, 3], 'c')).toBe(true);
    expect(isSafeToHandOver(primary, [replica('b', 2), replica('c', 3, { isLinkUp: false })], [2], 'c')).toBe(false);
  });
});

describe('writes that are held', () => {
  const word = { primaryPort: 1, configEpoch: 4, isFailingOver: false };
  const unchanged = (change: { old?: StoreView; others?: StoreView[]; words?: (typeof word)[] } = {}): boolean =>
    isCertainlyUnchanged(change.old ?? primary, change.others ?? [replica('b', 2)], change.words ?? [word, word, word], 3, 4);
  it('are let go where nothing has changed, as everybody says', () => {
    expect(unchanged()).toBe(true);
  });
  it('are not while anybody may still become primary', () => {
    expect(unchanged({ words: [word, word, { ...word, isFailingOver: true }] })).toBe(false);
    expect(unchanged({ words: [word, word, { ...word, configEpoch: 5 }] })).toBe(false);
    expect(unchanged({ words: [word, word] })).toBe(false);
    expect(unchanged({ others: [replica('b', 2, { role: 'PRIMARY', followsPort: null })] })).toBe(false);
    expect(unchanged({ others: [replica('b', 2, { role: null })] })).toBe(false);
    expect(unchanged({ old: { ...primary, role: null } })).toBe(false);
  });
});

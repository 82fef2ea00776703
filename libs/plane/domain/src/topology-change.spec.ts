import {
  builtInPlans, changeInstance, changeKindOf, checkTarget, decideWriteGuard, draftInstance, isCancelableKind, plannedStepsOf, undoOf, wishedMembersOf, type Availability,
  type InstanceChange, type InstanceSpec,
} from './index';

function drafted(wish: object = {}): InstanceSpec {
  const draft = draftInstance({ name: 'cart', planId: 'small', ...wish }, builtInPlans);
  if (!draft.ok) throw new Error(draft.error.message);
  return draft.value;
}
const changed = (spec: InstanceSpec, change: InstanceChange) => changeInstance(spec, change, builtInPlans);
const handover = { id: 'h', mode: 'SWITCHOVER', epoch: 3, target: null, askedAt: '' } as const;

describe('a change of topology', () => {
  it('brings a replica along, or as many as are asked for, and leaves none behind', () => {
    expect(changed(drafted(), { topology: 'HA' })).toMatchObject({ value: { topology: 'HA', replicas: 1 } });
    expect(changed(drafted(), { topology: 'HA', replicas: 3 })).toMatchObject({ value: { replicas: 3 } });
    expect(changed(drafted({ topology: 'HA', replicas: 2 }), { topology: 'STANDALONE' })).toMatchObject({ value: { topology: 'STANDALONE', replicas: 0 } });
    expect(changed(drafted(), { replicas: 1 })).toMatchObject({ ok: false, error: { message: 'replicas: have no meaning with STANDALONE' } });
    expect(changed(drafted({ topology: 'HA' }), { topology: 'STANDALONE', replicas: 1 })).toMatchObject({ ok: false });
  });
  it('ends what was asked of the stores before: the next Sentinels count anew', () => {
    const spec = { ...drafted({ topology: 'HA' }), handover };
    expect(changed(spec, { topology: 'STANDALONE' })).toMatchObject({ value: { handover: null } });
    expect(changed(spec, { replicas: 2 })).toMatchObject({ value: { handover } });
  });
  it('is told from growing, shrinking and any other change, and can be put back', () => {
    const [one, two] = [drafted({ topology: 'HA' }), drafted({ topology: 'HA', replicas: 2 })];
    expect([changeKindOf(drafted(), one), changeKindOf(one, two), changeKindOf(two, one), changeKindOf(one, one)]).toEqual(['CHANGE_TOPOLOGY', 'ADD_REPLICA', 'REMOVE_REPLICA', 'UPDATE_INSTANCE']);
    expect(undoOf(drafted(), { ...one, handover })).toEqual({ topology: 'STANDALONE', replicas: 0 });
    expect(['CHANGE_TOPOLOGY', 'ADD_REPLICA', 'PROMOTE', 'REMOVE_REPLICA', 'UPDATE_INSTANCE'].map((kind) => isCancelableKind(kind as never))).toEqual([true, true, true, false, false]);
  });
  it('has the steps of its direction', () => {
    const names = (topology: 'STANDALONE' | 'HA') => plannedStepsOf('CHANGE_TOPOLOGY', topology).map(({ name }) => name);
    expect([names('HA').includes('front'), names('HA').includes('fold'), names('STANDALONE')[0]]).toEqual([true, false, 'fold']);
  });
});

const seen: Pick<Availability, 'primary' | 'stores'> & Availability = {
  at: '', primary: 'b', configEpoch: 1, sentinelsUp: 3, givenUpId: null, stores: [
    { name: 'a', role: 'REPLICA', isLinkUp: true, lagBytes: 10 }, { name: 'b', role: 'PRIMARY', isLinkUp: false, lagBytes: null },
    { name: 'c', role: 'REPLICA', isLinkUp: false, lagBytes: 10 }, { name: 'd', role: 'REPLICA', isLinkUp: true, lagBytes: 2 ** 21 },
  ],
};

it('a store that stands alone is the one that was primary', () => {
  expect(wishedMembersOf(drafted(), ['a', 'b', 'c', 'gate'], seen)).toEqual(['b']);
  expect([wishedMembersOf(drafted(), [], null), wishedMembersOf(drafted(), ['b'], null)]).toEqual([['a'], ['b']]);
});

it('a store of one’s choice must be there, another than the primary, and in sync', () => {
  expect(['a', 'b', 'c', 'd', 'z'].map((name) => checkTarget(name, seen, 'member', 'READY')?.kind)).toEqual([undefined, 'InvalidState', 'NotInSync', 'NotInSync', 'InvalidInput']);
  expect([checkTarget('c', seen, 'member', ''), checkTarget('d', seen, 'member', '')]).toMatchObject([{ lagBytes: null }, { lagBytes: 2 ** 21 }]);
});

it('writes need a replica where there are two, never all there are, and as the tenant wishes', () => {
  const guard = (replicas: number, value?: string): number => decideWriteGuard({ topology: 'HA', replicas, settings: value === undefined ? {} : { 'min-replicas-to-write': value } });
  expect([guard(1), guard(2), guard(5), guard(2, '0'), guard(3, '2'), guard(2, '4')]).toEqual([0, 1, 1, 0, 2, 1]);
  expect(decideWriteGuard({ topology: 'STANDALONE', replicas: 0, settings: { 'min-replicas-to-write': '2' } })).toBe(0);
});

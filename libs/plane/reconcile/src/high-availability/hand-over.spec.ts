// Handing over with a client that writes at every turn to everybody who takes writes: nothing that was acknowledged may be lost, whatever is
// not answered in the middle.
import { builtInPlans, draftInstance, type InstanceMemberRow, type InstanceRow } from '@larder/plane-domain';
import type { PassContext } from '../pass-context';
import { FakeGroup } from '../testing/fake-group';
import { handOver } from './hand-over';

function contextOf(group: FakeGroup): PassContext {
  const draft = draftInstance({ name: 'orders', planId: 'nano', topology: 'HA', replicas: group.stores.length - 1 }, builtInPlans);
  if (!draft.ok) throw new Error(draft.error.message);
  let nowMs = 0;
  const member = (name: string, port: number): InstanceMemberRow => ({
    id: name, organizationId: 'org', instanceId: 'i', name, port, directory: '', identity: null, runId: null, startedAt: new Date(0), exitedAt: null, exitReason: null,
    restartNonce: 0, credentialVersion: 1, crashes: 0, notBefore: null, rewindId: null, threads: null, persistence: null, persistenceAt: null, persistenceSeen: null,
  });
  return {
    ports: {
      link: group.link(), secrets: { seal: () => '', open: () => Buffer.from('secret') },
      // Waiting moves the time on.
      clock: { now: () => nowMs, monotonic: () => nowMs, setTimer(delayMs: number, fire: () => void) {
        nowMs += delayMs;
        queueMicrotask(fire);
        return { cancel: () => undefined };
      } },
    },
    settings: { bindAddress: '127.0.0.1', publicHost: '127.0.0.1' }, plan: builtInPlans[0],
    instance: { id: 'i', spec: draft.value, observedGeneration: 1, systemPasswordSealed: '' } as InstanceRow,
    members: [...group.stores.map(({ name, port }) => member(name, port)), ...group.sentinelPorts.map((port, index) => member(`sentinel-${index + 1}`, port))],
    availability: { at: new Date(0).toISOString(), primary: 'a', configEpoch: 3, stores: [], sentinelsUp: 3, givenUpId: null },
    trouble: new Map(), now: () => new Date(nowMs), event: async () => undefined,
  } as unknown as PassContext;
}

const switchover = (group: FakeGroup): ReturnType<typeof handOver> => handOver(contextOf(group), { mode: 'SWITCHOVER' });

describe('a switchover', () => {
  it('loses nothing, and turns the old primary round before writes go on', async () => {
    const group = new FakeGroup(2);
    expect(await switchover(group)).toEqual({ outcome: 'done' });
    expect([group.lost, group.store('a').follows, group.store('a').isHeld]).toEqual([[], 2, false]);
    expect(group.acknowledged.length).toBeGreaterThan(3);
    const turned = group.told.findIndex((each) => each.startsWith('1 REPLICAOF'));
    expect(turned).toBeGreaterThan(0);
    expect(group.told.indexOf('1 CLIENT UNPAUSE')).toBeGreaterThan(turned);
  });

  it('goes on holding writes where the old primary does not say that it follows', async () => {
    const group = new FakeGroup(1);
    group.unanswered.set('1 REPLICAOF', 'is lost');
    expect(await switchover(group)).toMatchObject({ outcome: 'wait', reason: 'NotTurnedRound' });
    group.write();
    expect([group.lost, group.store('a').isHeld]).toEqual([[], true]);
  });

  it('does not let the Sentinel choose a replica that lost its link and looks better to it', async () => {
    const group = new FakeGroup(2);
    const [fit, lost] = [group.store('b'), group.store('c')];
    lost.isLinkUp = false;
    group.write();
    // It asked the one a moment ago, the other long before: as of then, the one without a link had more.
    Object.assign(fit, { heardOffset: 0 });
    expect(await switchover(group)).toEqual({ outcome: 'done' });
    expect([group.lost, group.store('b').follows, lost.priority]).toEqual([[], null, 0]);
  });

  it('is put off while a replica is linked to somebody else, whatever its offset', async () => {
    const group = new FakeGroup(2);
    Object.assign(group.store('c'), { follows: 9, data: Array.from({ length: 50 }, (_, index) => 1000 + index) });
    group.unanswered.set('3 CONFIG SET', 'is lost');
    expect(await switchover(group)).toMatchObject({ outcome: 'wait', reason: 'ReplicaBehind' });
    expect([group.lost, group.store('a').isHeld, group.store('a').follows]).toEqual([[], false, null]);
  });

  it('goes on holding writes where nobody knows whether somebody was promoted', async () => {
    const group = new FakeGroup(1);
    // Promoted, but from then on nobody answers.
    const link = group.link().command;
    const context = contextOf(group);
    Object.assign(context.ports.link, { command: async (...args: Parameters<typeof link>) => {
      const answer = await link(...args);
      if (args[1][1] === 'FAILOVER') for (const port of group.sentinelPorts) group.unanswered.set(`${port} SENTINEL`, 'is lost');
      return answer;
    } });
    expect(await handOver(context, { mode: 'SWITCHOVER' })).toMatchObject({ outcome: 'wait', reason: 'FailingOver' });
    group.write();
    expect([group.lost, group.store('a').isHeld]).toEqual([[], true]);
  });

  it('lets writes go where it is certain that nobody was promoted', async () => {
    const group = new FakeGroup(1);
    group.promotes = false;
    expect(await switchover(group)).toMatchObject({ outcome: 'wait', reason: 'FailingOver' });
    expect([group.lost, group.store('a').isHeld, group.store('a').follows]).toEqual([[], false, null]);
  });

  it('is carried to its end where the Sentinel did what it was asked and its answer was lost', async () => {
    const group = new FakeGroup(1);
    group.unanswered.set('101 SENTINEL FAILOVER', 'happens');
    expect(await switchover(group)).toEqual({ outcome: 'done' });
    expect([group.lost, group.store('a').follows]).toEqual([[], 2]);
  });

  it('lets writes go where the hold itself was not answered', async () => {
    const group = new FakeGroup(1);
    group.unanswered.set('1 CLIENT PAUSE', 'happens');
    expect(await switchover(group)).toMatchObject({ outcome: 'wait' });
    expect([group.lost, group.store('a').isHeld]).toEqual([[], false]);
  });

  it('holds writes anew before the Sentinel is asked, so that the hold does not end in the middle', async () => {
    const group = new FakeGroup(1);
    await switchover(group);
    const asked = group.told.findIndex((each) => each.includes('SENTINEL FAILOVER'));
    expect(group.told[asked - 1]).toBe('1 CLIENT PAUSE 30000 WRITE');
  });
});

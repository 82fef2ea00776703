/** Bytes that are no proper request get the same answer from both servers, and the same end of the connection. */
import { describeNeeding, startStore } from '@larder/shared-testing';
import { targetKind } from '../../target.ts';
import { endpoint, Pair } from '../pair.ts';
import { compareRaw, MALFORMED, mutations, UNAUTHENTICATED, UNPAIRED } from './malformed.ts';

/** New on a developer's machine; under CI, which decides about a change, nothing is left to chance. */
const FRESH_SEED = Number(process.env['LARDER_DIFFERENTIAL_SEED'] ?? (process.env['CI'] === 'true' ? 501 : Date.now() % 1_000_000));

describeNeeding(['redis-server'], `malformed requests to ${targetKind} (fresh seed ${FRESH_SEED})`, () => {
  const pair = new Pair(endpoint('redis-server'), endpoint(targetKind));
  beforeAll(() => pair.ensureRunning());
  afterAll(() => pair.stop());

  it('answers every known kind of bad request like redis-server', async () => {
    expect(await compareRaw(pair, MALFORMED)).toEqual([]);
  });

  it('answers requests with spoiled bytes like redis-server', async () => {
    expect(await compareRaw(pair, [...mutations(1, 300), ...mutations(FRESH_SEED, 300)])).toEqual([]);
  });

  it('silences replies and sends pushes like redis-server', async () => {
    expect(await compareRaw(pair, UNPAIRED)).toEqual([]);
  });

  it('limits those who have not signed in like redis-server', async () => {
    const locked = new Pair(
      { name: 'redis-server', port: 0, store: undefined, start: () => startStore({ kind: 'redis-server', args: ['--requirepass', 'sesame'] }) },
      { name: targetKind, port: 0, store: undefined, start: () => startStore({ kind: targetKind, args: ['--requirepass', 'sesame'] }) },
    );
    await locked.ensureRunning();
    try {
      expect(await compareRaw(locked, UNAUTHENTICATED)).toEqual([]);
    } finally {
      await locked.stop();
    }
  });
});

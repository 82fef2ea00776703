/** Some inputs of each fuzzer; run.ts plays more of them, and holds them to 100 ms. */
import { fuzz } from './fuzz.ts';

it.each([['scripts', 3_000], ['acl', 1_000], ['payloads', 2_000]])('lives through mutated %s', async (fuzzer, rounds) => {
  expect((await fuzz({ fuzzer, seed: 20_302, rounds, slowMs: 5_000 })).findings).toEqual([]);
}, 120_000);

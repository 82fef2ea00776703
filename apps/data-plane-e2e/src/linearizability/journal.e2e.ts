/** The journal of a random run over several threads makes the same data again. More seeds: LARDER_JOURNAL_SEEDS=200. */
import { targetKind } from '../target.ts';
import { checkJournal } from './journal.ts';
import { unknownSetting } from './server.ts';

const SEEDS = Number(process.env['LARDER_JOURNAL_SEEDS'] ?? 4);
const FIRST_SEED = Number(process.env['LARDER_JOURNAL_SEED'] ?? 1);

describe(`the journal of ${targetKind}`, () => {
  for (const threads of [1, 2, 4]) {
    const server = { kind: targetKind, threads, journal: true, pausesPermille: threads === 1 ? 0 : 20 };
    const unknown = unknownSetting(server);
    const name = `is a serial order of what ${threads} threads did, ${SEEDS} seeds`;
    const body = async (): Promise<void> => {
      for (let seed = FIRST_SEED; seed < FIRST_SEED + SEEDS; seed++) {
        const report = await checkJournal({ ...server, seed, operations: 1_500, clients: 12 });
        if (report.differences.length > 0) throw new Error(`seed ${seed}, threads ${threads}: ${report.differences.length} differences\n${report.differences.slice(0, 10).join('\n')}`);
        expect(report.units).toBeGreaterThan(500);
      }
    };
    if (unknown === undefined) it(name, body, 60_000 + SEEDS * 20_000);
    else it.skip(`${name} [skipped: ${targetKind} does not know ${unknown}]`, body);
  }
});

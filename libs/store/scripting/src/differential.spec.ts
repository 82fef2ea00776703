/**
 * The same scripts to redis-server 7.0.15 and to this Lua; every reply must be equal to the byte, in RESP2 and in RESP3.
 * Commands that scripts call are answered by the same redis-server, in another database (testing/recorded-host.ts).
 */
import { SteppedClock } from '@larder/shared-std/testing';
import { describeNeeding, startStore, type RawClient, type Store } from '@larder/shared-testing';
import { Args, Reply } from '@larder/store-resp';
import luaImage from 'wasmoon-lua5.1/dist/liblua5.1.wasm';
import { ScriptEngine } from './script-engine';
import { asInScript, NeedsReply, RecordedHost } from './testing/recorded-host';
import * as queueScripts from 'bullmq/dist/cjs/scripts';
import { randomScripts } from './testing/random-scripts';
import { corpus, queueSteps, type CorpusScript } from './testing/script-corpus';

const protocols = [2, 3] as const;
const roundsMax = 200;

function frame(words: readonly Uint8Array[]): Buffer {
  const parts: Uint8Array[] = [Buffer.from(`*${words.length}\r\n`)];
  for (const word of words) parts.push(Buffer.from(`$${word.length}\r\n`), word, Buffer.from('\r\n'));
  return Buffer.concat(parts);
}

const bytes = (text: string): Buffer => Buffer.from(text, 'latin1');

function evalWords(script: CorpusScript): Buffer[] {
  const keys = script.keys ?? [];
  return ['EVAL', script.source, String(keys.length), ...keys, ...(script.args ?? [])].map(bytes);
}

describeNeeding(['redis-server'], 'scripts beside redis-server 7.0.15', () => {
  let store: Store;
  const reference = new Map<2 | 3, RawClient>();
  const answering = new Map<2 | 3, RawClient>();
  const engine = new ScriptEngine({ loadLuaWasm: () => luaImage, clock: new SteppedClock() });
  const reply = new Reply();

  beforeAll(async () => {
    store = await startStore({ kind: 'redis-server', args: ['--save', ''] });
    for (const protocol of protocols) {
      reference.set(protocol, await store.connect(protocol));
      answering.set(protocol, await store.connect(protocol));
      await answering.get(protocol)!.ask('SELECT', '1');
    }
  });

  afterAll(async () => {
    for (const client of [...reference.values(), ...answering.values()]) client.close();
    await store?.stop();
  });

  const ask = async (client: RawClient, words: readonly Uint8Array[]): Promise<Buffer> => (await client.exchange(frame(words), 1))[0]!;

  async function run(script: CorpusScript, protocol: 2 | 3): Promise<Buffer> {
    const args = new Args().set(evalWords(script));
    const host = new RecordedHost();
    for (let round = 0; round < roundsMax; round++) {
      reply.pos = 0;
      reply.protocol = protocol;
      host.rewind();
      const loaded = engine.load(args.buf, args.off[1]!, args.len[1]!);
      if (typeof loaded === 'string') {
        reply.error(loaded);
        return Buffer.from(reply.buf.subarray(0, reply.pos));
      }
      try {
        engine.run(loaded, args, 3, Number(args.text(2)), host, { slowAfterMs: 5000 }, reply);
        return Buffer.from(reply.buf.subarray(0, reply.pos));
      } catch (error) {
        if (!(error instanceof NeedsReply)) throw error;
        host.replies.push(asInScript(await ask(answering.get(error.command.protocol)!, error.command.words)));
      }
    }
    throw new Error(`no end after ${roundsMax} commands`);
  }

  it('agree on the life of a queue in the scripts of BullMQ', async () => {
    const differences: string[] = [];
    let successes = 0;
    for (const step of queueSteps({ ...queueScripts })) {
      const args: string[] = [];
      for (const arg of step.args) args.push(typeof arg === 'string' ? arg : await pack(arg.json));
      const script = { source: step.source, keys: step.keys, args };
      const theirs = (await ask(reference.get(2)!, evalWords(script))).toString('latin1');
      const ours = (await run(script, 2)).toString('latin1');
      if (!theirs.startsWith('-')) successes++;
      if (ours !== theirs) differences.push(`${step.name}\n  redis: ${JSON.stringify(theirs)}\n  ours:  ${JSON.stringify(ours)}`);
    }
    expect(differences).toEqual([]);
    expect(successes).toBeGreaterThan(40);
  }, 60_000);

  /** MessagePack of a JSON text, by the Lua under test. */
  async function pack(text: string): Promise<string> {
    const answer = (await run({ source: 'return cmsgpack.pack(cjson.decode(ARGV[1]))', args: [text] }, 2)).toString('latin1');
    return answer.slice(answer.indexOf('\n') + 1, -2);
  }

  const groups = { ...corpus, 'random values (seed 1)': randomScripts(1, 1200) };
  for (const [name, scripts] of Object.entries(groups)) {
    it(`agree on ${scripts.length} scripts of ${name}`, async () => {
      const differences: string[] = [];
      for (const script of scripts) {
        for (const protocol of protocols) {
          const theirs = (await ask(reference.get(protocol)!, evalWords(script))).toString('latin1');
          const ours = (await run(script, protocol)).toString('latin1');
          if (ours !== theirs) differences.push(show(script, protocol, theirs, ours));
        }
      }
      expect(differences).toEqual([]);
    }, 60_000);
  }
});

function show(script: CorpusScript, protocol: number, theirs: string, ours: string): string {
  const cut = (text: string): string => (text.length > 400 ? `${text.slice(0, 400)}… (${text.length})` : text);
  const more = [...(script.keys ?? []), ...(script.args ?? [])].join(' ');
  return `RESP${protocol} ${JSON.stringify(cut(script.source))} ${JSON.stringify(cut(more))}\n  redis: ${JSON.stringify(cut(theirs))}\n  ours:  ${JSON.stringify(cut(ours))}`;
}

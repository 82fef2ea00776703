/** Every scene on both servers, in both protocols: the same replies, word by word. */
import { describeNeeding, parseReply } from '@larder/shared-testing';
import { connectRaw } from '@larder/shared-testing';
import { targetKind } from '../../target.ts';
import { canonical } from '../normalise.ts';
import { endpoint, Pair } from '../pair.ts';
import type { Endpoint } from '../pair.ts';
import { scenes } from './scenes.ts';

/** What a scene may say that differs: ids, ports, ages, sizes, times, and the order of sets. */
function told(command: string, text: string): string {
  if (command.startsWith('INFO')) return text.split('\\r\\n').map((line) => line.replace(/usec=\d+,usec_per_call=[\d.]+/, '')).sort().join('\n');
  if (/^(PUN|SUN|UN)SUBSCRIBE$/.test(command)) return text.replace(/\$"[a-z]*" :/, '');
  return text
    .replace(/id=\d+ .*?laddr=\S+ fd=\d+/g, 'id=')
    .replace(/("id" :)"?\d+/g, '$1')
    .replace(/age=\d+ idle=\d+/g, '')
    .replace(/(qbuf|qbuf-free|argv-mem|multi-mem|rbs|rbp|obl|oll|omem|tot-mem)=\d+/g, '$1=')
    .replace(/:"1[0-9]{9}"/g, ':time');
}

const words = (command: string): string[] => command.replaceAll('\\ ', '\u0001').split(' ').map((word) => word.replaceAll('\u0001', ' '));

/** Ends where the server says no more: it closed the connection, or answers nothing from there on. */
async function play(side: Endpoint, protocol: 2 | 3, scene: readonly string[]): Promise<string[]> {
  const heard: string[] = [];
  const cleaner = await connectRaw({ port: side.port });
  await cleaner.command('FLUSHALL');
  cleaner.close();
  const client = await connectRaw({ port: side.port, protocol });
  for (const command of scene) {
    const silence = new Promise<undefined>((resolve) => setTimeout(() => resolve(undefined), 400).unref());
    const reply = await Promise.race([client.command(...words(command)).catch(() => undefined), silence]);
    if (reply === undefined) {
      heard.push(`${command} ⟶ (nothing)`);
      break;
    }
    heard.push(`${command} ⟶ ${told(command, canonical(parseReply(reply.raw)))}`);
  }
  client.close();
  return heard;
}

describeNeeding(['redis-server'], `scenes on redis-server and ${targetKind}`, () => {
  const pair = new Pair(endpoint('redis-server'), endpoint(targetKind));

  beforeAll(() => pair.ensureRunning());
  afterAll(() => pair.stop());

  it.each(Object.entries(scenes))('hears the same: %s', async (_name, scene) => {
    for (const protocol of [2, 3] as const) {
      const [reference, target] = await Promise.all([play(pair.reference, protocol, scene), play(pair.target, protocol, scene)]);
      expect(target).toEqual(reference);
    }
  });
});

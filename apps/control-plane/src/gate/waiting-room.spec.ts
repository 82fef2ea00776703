import { Socket } from 'node:net';
import { WaitingRoom } from './waiting-room';

function room(patienceMs: number): { readonly room: WaitingRoom; readonly led: Socket[] } {
  const led: Socket[] = [];
  return { room: new WaitingRoom(patienceMs, (client) => led.push(client)), led };
}

it('who waits is led on when there may be somewhere to go, unless gone', () => {
  const { room: waiting, led } = room(60_000);
  const [stays, leaves] = [new Socket(), new Socket()];
  waiting.take(stays);
  waiting.take(leaves);
  leaves.destroy();
  waiting.wake();
  expect(led).toEqual([stays]);
  waiting.wake();
  expect(led).toHaveLength(1);
});

it('a patience is for all the times that one waits', () => {
  const { room: waiting, led } = room(0);
  const client = new Socket();
  const told: unknown[] = [];
  client.end = ((text: string) => told.push(text)) as never;
  waiting.take(client);
  expect([led, told]).toEqual([[], ['-ERR The store does not answer, and no other has been chosen yet\r\n']]);
});

it('who waits when it closes is let go', () => {
  const { room: waiting } = room(60_000);
  const client = new Socket();
  waiting.take(client);
  waiting.close();
  expect(client.destroyed).toBe(true);
});

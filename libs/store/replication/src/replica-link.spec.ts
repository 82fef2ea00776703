/** The replica's link, with a clock that is stepped and a primary that says what the test says; every answer also byte by byte. */
import { SteppedClock } from '@larder/shared-std/testing';
import type { History, LinkHands, LinkSettings } from './replica-link';
import { ReplicaLink } from './replica-link';

const ID = 'a'.repeat(40);
const OTHER = 'b'.repeat(40);

class Hands implements LinkHands {
  asked: LinkSettings = { user: '', password: '', announcedPort: 7000, announcedIp: '', timeoutMs: 5000 };
  held: History | undefined;
  sent = '';
  logged: string[] = [];
  actions: string[] = [];
  snapshot = '';
  stream = '';
  takesOver = false;
  safe = -1;

  settings(): LinkSettings {
    return this.asked;
  }
  log(_level: 'notice' | 'warning', text: string): void {
    this.logged.push(text);
  }
  connect(host: string, port: number): void {
    this.actions.push(`connect ${host}:${port}`);
  }
  send(bytes: Buffer): void {
    this.sent += bytes.toString('latin1');
  }
  disconnect(): void {
    this.actions.push('disconnect');
  }
  history(): History | undefined {
    return this.held;
  }
  continued(newId: string | undefined): void {
    this.actions.push(`continued ${newId ?? 'as before'}`);
  }
  transferBegins(length: number): void {
    this.snapshot = '';
    this.actions.push(`transfer ${length}`);
  }
  transferred(bytes: Buffer, off: number, length: number): void {
    this.snapshot += bytes.toString('latin1', off, off + length);
  }
  transferFailed(): void {
    this.actions.push('transfer failed');
  }
  load(from: History | undefined): void {
    this.actions.push(`load ${from === undefined ? 'without history' : from.offset}`);
  }
  safeOffset(): number {
    return this.safe;
  }
  isTakingOver(): boolean {
    return this.takesOver;
  }
  takeOverAnswered(isAccepted: boolean): void {
    this.actions.push(isAccepted ? 'taken over' : 'not taken over');
    this.takesOver = false;
  }
  apply(bytes: Buffer, off: number, length: number): void {
    this.stream += bytes.toString('latin1', off, off + length);
  }
  take(): string {
    const { sent } = this;
    this.sent = '';
    return sent.replaceAll(/\*\d+\r\n|\$\d+\r\n/g, '').replaceAll('\r\n', ' ').trim();
  }
}

function begin(piece: number) {
  const clock = new SteppedClock();
  const hands = new Hands();
  const link = new ReplicaLink(hands, clock);
  const say = (text: string) => {
    const bytes = Buffer.from(text, 'latin1');
    for (let at = 0; at < bytes.length; at += piece) link.received(bytes, at, Math.min(piece, bytes.length - at));
  };
  const untilPsync = () => {
    link.follow('primary', 6390);
    link.connected();
    say('+PONG\r\n+OK\r\n+OK\r\n');
    hands.take();
    hands.actions = [];
  };
  return { clock, hands, link, say, untilPsync };
}

describe.each([['whole', 1 << 20], ['byte by byte', 1]])('a link that hears its primary %s', (_, piece) => {
  it('introduces itself and asks for everything when it has nothing', () => {
    const { hands, link, say } = begin(piece);
    hands.asked = { ...hands.asked, user: 'me', password: 'secret', announcedIp: '10.0.0.9' };
    link.follow('primary', 6390);
    expect(hands.actions).toEqual(['connect primary:6390']);
    expect(link.phase).toBe('connecting');
    link.connected();
    expect(hands.take()).toBe('PING');
    say('-NOAUTH Authentication required.\r\n');
    expect(hands.take()).toBe('AUTH me secret REPLCONF listening-port 7000 REPLCONF ip-address 10.0.0.9 REPLCONF capa eof capa psync2');
    say('+OK\r\n+OK\r\n-ERR unknown option\r\n+OK\r\n');
    expect(hands.take()).toBe('PSYNC ? -1');
    expect(hands.logged).toContain('(Non critical) Master does not understand REPLCONF ip-address: -ERR unknown option');
    expect(hands.logged.at(-1)).toBe('Partial resynchronization not possible (no cached master)');
  });

  it('takes a snapshot of known length, then the stream behind it', () => {
    const { hands, link, say, untilPsync } = begin(piece);
    untilPsync();
    say(`\n\n+FULLRESYNC ${ID} 77\r\n\n\n$10\r\n0123456789*1\r\n`);
    expect(hands.snapshot).toBe('0123456789');
    expect(hands.actions).toEqual(['transfer 10', 'load 77']);
    expect(link.phase).toBe('loading');
    expect(hands.stream).toBe('');
    hands.held = { id: ID, offset: 77 };
    link.loaded('loaded');
    expect(hands.stream).toBe('*1\r\n');
    expect(hands.take()).toBe('REPLCONF ACK 77');
    expect(hands.logged.at(-1)).toBe('MASTER <-> REPLICA sync: Finished with success');
  });

  it('takes a snapshot whose end is a mark, and never takes the mark for data', () => {
    const { hands, say, untilPsync } = begin(piece);
    const mark = 'm'.repeat(39) + 'x';
    untilPsync();
    say(`+FULLRESYNC ${ID} 5\r\n$EOF:${mark}\r\n`);
    say('some bytes, ');
    say(`mmm${'m'.repeat(60)}${mark}`);
    expect(hands.snapshot).toBe(`some bytes, mmm${'m'.repeat(60)}`);
    expect(hands.actions).toEqual(['transfer -1', 'load 5']);
  });

  it('goes on where it was, also under another id', () => {
    const { hands, link, say, untilPsync } = begin(piece);
    hands.held = { id: ID, offset: 41 };
    link.follow('primary', 6390);
    link.connected();
    say('+PONG\r\n+OK\r\n+OK\r\n');
    expect(hands.take()).toContain(`PSYNC ${ID} 42`);
    say('+CONTINUE\r\nstream');
    expect(hands.actions.at(-1)).toBe('continued as before');
    expect(hands.stream).toBe('stream');
    untilPsync();
    say(`+CONTINUE ${OTHER}\r\n`);
    expect(hands.actions.at(-1)).toBe(`continued ${OTHER}`);
    expect(hands.logged).toContain(`Master replication ID changed to ${OTHER}`);
  });

  it('tries later when the primary cannot serve it now', () => {
    const { clock, hands, link, say, untilPsync } = begin(piece);
    for (const refusal of ['-NOMASTERLINK Can\'t SYNC while not connected with my master', '-LOADING Redis is loading the dataset in memory']) {
      untilPsync();
      say(`${refusal}\r\n`);
      expect(hands.logged.at(-1)).toBe(`Master is currently unable to PSYNC but should be in the future: ${refusal}`);
      expect(link.phase).toBe('connect');
      expect(hands.actions).toEqual(['disconnect']);
      clock.step(1000);
      link.tick();
      expect(link.phase).toBe('connecting');
    }
  });

  it('falls back to SYNC for a primary that does not know PSYNC, and then acknowledges nothing', () => {
    const { hands, link, say, untilPsync } = begin(piece);
    untilPsync();
    say("-ERR unknown command 'PSYNC'\r\n");
    expect(hands.sent).toBe('SYNC\r\n');
    hands.take();
    say('$3\r\nabc');
    expect(hands.actions).toEqual(['transfer 3', 'load without history']);
    link.loaded('loaded');
    link.tick();
    expect(hands.take()).toBe('');
  });

  it('asks a replica to change places, and does not follow it when it refuses', () => {
    const { hands, link, say } = begin(piece);
    const untilAnswer = () => {
      hands.takesOver = true;
      hands.held = { id: ID, offset: 41 };
      link.follow('replica', 6391);
      link.connected();
      say('+PONG\r\n+OK\r\n+OK\r\n');
      expect(hands.take()).toContain(`PSYNC ${ID} 42 FAILOVER`);
      hands.actions = [];
    };
    untilAnswer();
    say('-ERR PSYNC FAILOVER replid must match my replid.\r\n');
    expect(hands.actions).toEqual(['not taken over', 'disconnect']);
    expect(link.phase).toBe('connect');
    untilAnswer();
    say(`+CONTINUE ${OTHER}\r\n`);
    expect(hands.actions).toEqual(['taken over', `continued ${OTHER}`]);
  });

  it.each([
    [`+CONTINUE ${OTHER}`, ['taken over', `continued ${OTHER}`], 'connected'],
    [`+FULLRESYNC ${OTHER} 99`, ['not taken over', 'disconnect'], 'connect'],
    ['-ERR any', ['not taken over', 'disconnect'], 'connect'],
  ])('follows one that has changed places already only if nothing is lost by it: %s', (answer, actions, phase) => {
    const { hands, link, say } = begin(piece);
    hands.takesOver = true;
    hands.held = { id: ID, offset: 41 };
    link.follow('replica', 6391);
    link.connected();
    say('+PONG\r\n+OK\r\n+OK\r\n');
    hands.take();
    hands.actions = [];
    say("-ERR PSYNC FAILOVER can't be sent to a master.\r\n");
    expect(hands.take()).toBe(`PSYNC ${ID} 42`);
    expect(hands.actions).toEqual([]);
    say(`${answer}\r\n`);
    expect(hands.actions).toEqual(actions);
    expect(link.phase).toBe(phase);
  });

  it('ends an attempt that is refused, and says why', () => {
    const { hands, link, say } = begin(piece);
    link.follow('primary', 6390);
    link.connected();
    hands.asked = { ...hands.asked, password: 'wrong' };
    say('-NOAUTH Authentication required.\r\n-WRONGPASS invalid username-password pair or user is disabled.\r\n+OK\r\n');
    expect(hands.logged.at(-1)).toBe('Unable to AUTH to MASTER: -WRONGPASS invalid username-password pair or user is disabled.');
    expect(link.phase).toBe('connect');
    link.tick();
    link.connected();
    say('-MASTERDOWN something\r\n');
    expect(hands.logged.at(-1)).toBe("Error reply to PING from master: '-MASTERDOWN something'");
    expect(link.phase).toBe('connect');
  });

  it('ends an attempt whose snapshot does not come', () => {
    const { hands, link, say, untilPsync } = begin(piece);
    untilPsync();
    say(`+FULLRESYNC ${ID} 5\r\n-ERR no disk\r\n`);
    expect(hands.logged.at(-1)).toBe('MASTER aborted replication with an error: ERR no disk');
    untilPsync();
    say(`+FULLRESYNC ${ID} 5\r\n+OK\r\n`);
    expect(hands.logged.at(-1)).toMatch(/^Bad protocol from MASTER, the first byte is not/);
    untilPsync();
    say(`+FULLRESYNC ${ID} 5\r\n$100\r\nhalf`);
    link.closed('');
    expect(hands.logged.at(-1)).toBe('I/O error trying to sync with MASTER: connection lost');
    expect(hands.actions).toEqual(['transfer 100', 'transfer failed', 'disconnect']);
    expect(link.phase).toBe('connect');
  });
});

describe('a link in time', () => {
  it('acknowledges each second and comes back at once when it is lost', () => {
    const { clock, hands, link, say, untilPsync } = begin(1 << 20);
    untilPsync();
    hands.held = { id: ID, offset: 5 };
    say('+CONTINUE\r\n');
    hands.take();
    clock.step(1000);
    link.tick();
    expect(hands.take()).toBe('REPLCONF ACK 5');
    clock.step(1000);
    link.closed('');
    expect(hands.logged.slice(-3)).toEqual(['Caching the disconnected master state.', 'Reconnecting to MASTER primary:6390', 'MASTER <-> REPLICA sync started']);
    expect(link.phase).toBe('connecting');
    expect(link.downSince).toBe(2000);
    link.closed('Connection refused');
    expect(hands.logged.at(-1)).toBe('Error condition on socket for SYNC: Connection refused');
    expect(link.phase).toBe('connect');
  });

  it('gives up on a silent primary in every phase, and not before', () => {
    const { clock, hands, link, say, untilPsync } = begin(1 << 20);
    const silence = (words: RegExp) => {
      clock.step(5000);
      const before = hands.logged.length;
      link.tick();
      expect(hands.logged.slice(before).some((line) => words.test(line))).toBe(false);
      clock.step(1);
      link.tick();
      expect(hands.logged.slice(before).some((line) => words.test(line))).toBe(true);
    };
    link.follow('primary', 6390);
    silence(/^Timeout connecting to the MASTER/);
    untilPsync();
    silence(/^Timeout connecting to the MASTER/);
    untilPsync();
    say(`+FULLRESYNC ${ID} 5\r\n`);
    silence(/^Timeout receiving bulk data from MASTER/);
    untilPsync();
    say('+CONTINUE\r\n');
    silence(/^MASTER timeout: no data nor PING received/);
  });

  it('sends line ends while it loads, and goes back to the start when that fails', () => {
    const { hands, link, say, untilPsync } = begin(1 << 20);
    untilPsync();
    say(`+FULLRESYNC ${ID} 5\r\n$3\r\nabc`);
    link.tick();
    expect(hands.sent).toBe('\n');
    link.loaded('refused');
    expect(link.phase).toBe('connect');
    expect(hands.actions.at(-1)).toBe('disconnect');
    link.loaded('loaded'); // too late
    expect(link.phase).toBe('connect');
  });

  it('loads to the end what has come whole, also when the primary is gone meanwhile, and asks to go on from there', () => {
    const { clock, hands, link, say, untilPsync } = begin(1 << 20);
    untilPsync();
    say(`+FULLRESYNC ${ID} 5\r\n$3\r\nabcPING`);
    clock.step(1000);
    link.closed('Connection reset by peer');
    expect(link.phase).toBe('loading');
    clock.step(3000);
    link.tick();
    expect(hands.actions).toEqual(['transfer 3', 'load 5']);
    hands.held = { id: ID, offset: 5 };
    link.loaded('loaded');
    expect(hands.stream).toBe('PING');
    expect(hands.actions.slice(2)).toEqual(['disconnect', 'connect primary:6390']);
    expect(link.phase).toBe('connecting');
    expect(link.downSince).toBe(1000);
    link.connected();
    say('+PONG\r\n+OK\r\n+OK\r\n');
    expect(hands.take()).toContain(`PSYNC ${ID} 6`);
  });

  it('does not take a number for an offset that no stream can have', () => {
    const { hands, link, say, untilPsync } = begin(1 << 20);
    untilPsync();
    say(`+FULLRESYNC ${ID} 99999999999999999999\r\n$3\r\nabc`);
    expect(hands.logged).toContain('Master replied with wrong +FULLRESYNC syntax.');
    expect(hands.actions).toEqual(['transfer 3', 'load without history']);
    expect(link.phase).toBe('loading');
  });

  it('asks a primary that it refused less and less often, until it is told to hurry', () => {
    const { hands, link, say, untilPsync } = begin(1 << 20);
    untilPsync();
    const ticksUntilAsked = () => {
      say(`+FULLRESYNC ${ID} 5\r\n$3\r\nabc`);
      link.loaded('refused');
      let ticks = 0;
      while (link.phase !== 'connecting') {
        link.tick();
        ticks++;
      }
      link.connected();
      say('+PONG\r\n+OK\r\n+OK\r\n');
      return ticks;
    };
    expect(Array.from({ length: 8 }, ticksUntilAsked)).toEqual([1, 2, 3, 5, 9, 17, 31, 31]);
    link.hurry();
    expect(ticksUntilAsked()).toBe(1);
    expect(hands.logged).not.toContain('MASTER <-> REPLICA sync: Finished with success');
  });

  it('says how much is on disk when that is known', () => {
    const { hands, link, say, untilPsync } = begin(1 << 20);
    untilPsync();
    hands.held = { id: ID, offset: 50 };
    hands.safe = 40;
    say('+CONTINUE\r\n');
    link.tick();
    expect(hands.take()).toBe('REPLCONF ACK 50 FACK 40 REPLCONF ACK 50 FACK 40');
  });

  it('does nothing any more once it follows nobody', () => {
    const { hands, link, untilPsync } = begin(1 << 20);
    untilPsync();
    link.stop();
    expect(hands.actions).toEqual(['disconnect']);
    link.closed('');
    link.tick();
    link.connected();
    expect(hands.actions).toEqual(['disconnect']);
    expect(link.phase).toBe('none');
  });
});

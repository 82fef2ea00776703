/** SENTINEL CONFIG GET and SET: what concerns the Sentinel itself. */
import type { Unit } from '@larder/store-dispatch';
import { globMatches } from '@larder/store-datatypes';
import type { Sentinel } from '../sentinel';

interface Parameter {
  readonly name: string;
  readonly get: (sentinel: Sentinel) => string;
  /** False for a value that it cannot have. */
  readonly set: (sentinel: Sentinel, value: string) => boolean;
  /** Other Sentinels must be greeted anew. */
  readonly isCredential?: boolean;
}

function yesNo(name: string, get: (sentinel: Sentinel) => boolean, set: (sentinel: Sentinel, value: boolean) => void): Parameter {
  return {
    name,
    get: (sentinel) => (get(sentinel) ? 'yes' : 'no'),
    set: (sentinel, value) => {
      const word = value.toLowerCase();
      if (word !== 'yes' && word !== 'no') return false;
      set(sentinel, word === 'yes');
      return true;
    },
  };
}

function text(name: string, get: (sentinel: Sentinel) => string, set: (sentinel: Sentinel, value: string) => void, isCredential = false): Parameter {
  return {
    name,
    get,
    set: (sentinel, value) => {
      set(sentinel, value);
      return true;
    },
    isCredential,
  };
}

const parameters: readonly Parameter[] = [
  yesNo('resolve-hostnames', (sentinel) => sentinel.resolvesHostnames, (sentinel, value) => (sentinel.resolvesHostnames = value)),
  yesNo('announce-hostnames', (sentinel) => sentinel.announcesHostnames, (sentinel, value) => (sentinel.announcesHostnames = value)),
  text('announce-ip', (sentinel) => sentinel.announceIp, (sentinel, value) => (sentinel.announceIp = value)),
  {
    name: 'announce-port',
    get: (sentinel) => String(sentinel.announcePort),
    set: (sentinel, value) => {
      if (!/^(0|[1-9]\d*)$/.test(value) || Number(value) > 65535) return false;
      sentinel.announcePort = Number(value);
      return true;
    },
  },
  text('sentinel-user', (sentinel) => sentinel.peerUser, (sentinel, value) => (sentinel.peerUser = value), true),
  text('sentinel-pass', (sentinel) => sentinel.peerPassword, (sentinel, value) => (sentinel.peerPassword = value), true),
];

export function configCommand(sentinel: Sentinel, flushed: (unit: Unit) => void): (unit: Unit) => void {
  function get({ args, reply }: Unit): void {
    const found = parameters.filter(({ name }) => {
      const bytes = Buffer.from(name, 'latin1');
      return globMatches(args.buf, args.off[3]!, args.len[3]!, bytes, 0, bytes.length, true);
    });
    reply.map(found.length);
    for (const parameter of found) {
      reply.bulkText(parameter.name);
      reply.bulkText(parameter.get(sentinel));
    }
  }

  function set(unit: Unit): void {
    const { args, reply } = unit;
    const parameter = parameters.find(({ name }) => args.is(3, name));
    if (parameter === undefined) return reply.error(`ERR Invalid argument '${args.text(3)}' to SENTINEL CONFIG SET`);
    if (!parameter.set(sentinel, args.text(4))) return reply.error(`ERR Invalid value '${args.text(4)}' to SENTINEL CONFIG SET '${args.text(3)}'`);
    flushed(unit);
    if (!parameter.isCredential) return;
    for (const primary of sentinel.primaries.values()) for (const peer of primary.peers.values()) sentinel.closeBoth(peer.link);
  }

  return (unit) => {
    const { args } = unit;
    if (args.is(2, 'set') && args.count === 5) set(unit);
    else if (args.is(2, 'get') && args.count === 4) get(unit);
    else unit.reply.error('ERR Only SENTINEL CONFIG GET <option> / SET <option> <value> are supported.');
  };
}

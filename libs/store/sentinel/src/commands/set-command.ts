/** SENTINEL SET: options of one primary. What stands before a faulty option has taken effect, as in Redis. */
import type { Unit } from '@larder/store-dispatch';
import { setDownAfter } from '../configuration';
import type { Primary } from '../instance';
import type { Sentinel } from '../sentinel';

/** The argument that is wrong; or the whole error. */
type Refusal = { readonly argument: string } | { readonly error: string };

interface Option {
  readonly values: 1 | 2;
  readonly set: (sentinel: Sentinel, primary: Primary, first: string, second: string) => Refusal | undefined;
  readonly isSecret?: boolean;
}

function number(least: number, set: (primary: Primary, value: number) => void): Option {
  return {
    values: 1,
    set: (_, primary, text) => {
      const value = /^-?(0|[1-9]\d{0,14})$/.test(text) && text !== '-0' ? Number(text) : NaN;
      if (!(value >= least)) return { argument: text };
      set(primary, value);
      return undefined;
    },
  };
}

const SCRIPTS_DENIED =
  'ERR Reconfiguration of scripts path is denied for security reasons. Check the deny-scripts-reconfig configuration directive in your Sentinel configuration';

function script(refusal: string, set: (primary: Primary, path: string) => void): Option {
  return {
    values: 1,
    set: (sentinel, primary, path) => {
      if (sentinel.deniesScriptChanges) return { error: SCRIPTS_DENIED };
      if (path !== '' && !sentinel.hands.isExecutable(path)) return { error: refusal };
      set(primary, path);
      return undefined;
    },
  };
}

function credential(set: (primary: Primary, value: string) => void, isSecret: boolean): Option {
  return {
    values: 1,
    isSecret,
    set: (sentinel, primary, value) => {
      set(primary, value);
      sentinel.closeBoth(primary.link);
      for (const replica of primary.replicas.values()) sentinel.closeBoth(replica.link);
      return undefined;
    },
  };
}

const options: Record<string, Option> = {
  'down-after-milliseconds': number(1, setDownAfter),
  'failover-timeout': number(1, (primary, value) => (primary.failoverTimeoutMs = value)),
  'parallel-syncs': number(1, (primary, value) => (primary.parallelSyncs = value)),
  'notification-script': script('ERR Notification script seems non existing or non executable', (primary, path) => (primary.notificationScript = path)),
  'client-reconfig-script': script('ERR Client reconfiguration script seems non existing or non executable', (primary, path) => (primary.clientReconfigScript = path)),
  'auth-pass': credential((primary, value) => (primary.authPass = value), true),
  'auth-user': credential((primary, value) => (primary.authUser = value), false),
  quorum: number(1, (primary, value) => (primary.quorum = value)),
  'rename-command': {
    values: 2,
    set: (_, primary, from, to) => {
      if (from === '' || to === '') return { argument: to === '' ? to : from };
      primary.renamed.delete(from.toUpperCase());
      if (from.toLowerCase() !== to.toLowerCase()) primary.renamed.set(from.toUpperCase(), to);
      return undefined;
    },
  },
  'master-reboot-down-after-period': number(0, (primary, value) => (primary.rebootDownAfterMs = value)),
  'promote-lag-max-bytes': number(-1, (primary, value) => (primary.promoteLagBytesMax = value)),
};

export function setCommand(sentinel: Sentinel, flushed: (unit: Unit) => void): (unit: Unit, primary: Primary) => void {
  return (unit, primary) => {
    const { args, reply } = unit;
    let changes = 0;
    const refuse = (error: string) => {
      if (changes > 0) sentinel.persist();
      reply.error(error);
    };
    for (let i = 3; i < args.count; ) {
      const name = args.text(i);
      const key = name.toLowerCase();
      const option = Object.hasOwn(options, key) ? options[key]! : undefined;
      if (option === undefined || args.count - 1 - i < option.values) return refuse(`ERR Unknown option or number of arguments for SENTINEL SET '${name}'`);
      const values = Array.from({ length: option.values }, (_, at) => args.text(i + 1 + at));
      const refusal = option.set(sentinel, primary, values[0]!, values[1] ?? '');
      if (refusal) return refuse('error' in refusal ? refusal.error : `ERR Invalid argument '${refusal.argument}' for SENTINEL SET '${name}'`);
      changes++;
      sentinel.event('warning', '+set', primary, ` ${[name, ...(option.isSecret ? ['******'] : values)].join(' ')}`);
      i += 1 + option.values;
    }
    flushed(unit);
  };
}

/** CLIENT TRACKING and its kin, and MONITOR. */
import type { CommandRow, Unit } from '@larder/store-dispatch';
import type { Connection } from '../connection';
import type { StoreServer } from '../store-server';

const overlaps = (a: string, b: string) => a.startsWith(b) || b.startsWith(a);
const shown = (text: string) => text.split('\0', 1)[0]!;

export function trackingCommands(server: StoreServer): readonly CommandRow[] {
  function tracking(unit: Unit): void {
    const { args, reply } = unit;
    const session = unit.session as Connection;
    const { tracking: all } = server.observers;
    const options = { redirect: 0, isBroadcast: false, isOptIn: false, isOptOut: false, isNoLoop: false };
    const prefixes: string[] = [];
    for (let i = 3; i < args.count; i++) {
      if (args.is(i, 'redirect') && i + 1 < args.count) {
        if (options.redirect !== 0) return reply.error('ERR A client can only redirect to a single other client');
        const id = unit.integerArg(++i);
        if (id !== id) return;
        if (!all.exists(id)) return reply.error('ERR The client ID you want redirect to does not exist');
        options.redirect = id;
      } else if (args.is(i, 'bcast')) options.isBroadcast = true;
      else if (args.is(i, 'optin')) options.isOptIn = true;
      else if (args.is(i, 'optout')) options.isOptOut = true;
      else if (args.is(i, 'noloop')) options.isNoLoop = true;
      else if (args.is(i, 'prefix') && i + 1 < args.count) prefixes.push(args.text(++i));
      else return unit.syntaxError();
    }
    if (args.is(2, 'off')) {
      all.disable(session);
      return reply.ok();
    }
    if (!args.is(2, 'on')) return unit.syntaxError();
    if (!options.isBroadcast && prefixes.length > 0) return reply.error('ERR PREFIX option requires BCAST mode to be enabled');
    const before = all.get(session);
    if (before !== undefined && before.isBroadcast !== options.isBroadcast) {
      return reply.error("ERR You can't switch BCAST mode on/off before disabling tracking for this client, and then re-enabling it with a different mode.");
    }
    if (options.isBroadcast && (options.isOptIn || options.isOptOut)) return reply.error('ERR OPTIN and OPTOUT are not compatible with BCAST');
    if (options.isOptIn && options.isOptOut) return reply.error("ERR You can't specify both OPTIN mode and OPTOUT mode");
    if ((options.isOptIn && before?.isOptOut) || (options.isOptOut && before?.isOptIn)) {
      return reply.error("ERR You can't switch OPTIN/OPTOUT mode before disabling tracking for this client, and then re-enabling it with a different mode.");
    }
    for (const [i, prefix] of prefixes.entries()) {
      const known = [...(before?.prefixes ?? [])].sort().find((each) => overlaps(each, prefix));
      if (known !== undefined) return reply.error(`ERR Prefix '${shown(prefix)}' overlaps with an existing prefix '${shown(known)}'. Prefixes for a single client must not overlap.`);
      const other = prefixes.slice(i + 1).find((each) => overlaps(each, prefix));
      if (other !== undefined) return reply.error(`ERR Prefix '${shown(prefix)}' overlaps with another provided prefix '${shown(other)}'. Prefixes for a single client must not overlap.`);
    }
    all.enable(session, options, prefixes);
    reply.ok();
  }

  function caching(unit: Unit): void {
    const { args, reply, session } = unit;
    const tracker = server.observers.tracking.get(session);
    if (tracker === undefined) return reply.error('ERR CLIENT CACHING can be called only when the client is in tracking mode with OPTIN or OPTOUT mode enabled');
    if (args.is(2, 'yes')) {
      if (!tracker.isOptIn) return reply.error('ERR CLIENT CACHING YES is only valid when tracking is enabled in OPTIN mode.');
    } else if (!args.is(2, 'no')) return unit.syntaxError();
    else if (!tracker.isOptOut) return reply.error('ERR CLIENT CACHING NO is only valid when tracking is enabled in OPTOUT mode.');
    tracker.isCaching = true;
    reply.ok();
  }

  function trackinginfo({ reply, session }: Unit): void {
    const tracker = server.observers.tracking.get(session);
    const flags = [tracker === undefined ? 'off' : 'on'];
    if (tracker?.isBroadcast) flags.push('bcast');
    if (tracker?.isOptIn) flags.push('optin', ...(tracker.isCaching ? ['caching-yes'] : []));
    if (tracker?.isOptOut) flags.push('optout', ...(tracker.isCaching ? ['caching-no'] : []));
    if (tracker?.isNoLoop) flags.push('noloop');
    if (tracker?.isRedirectBroken) flags.push('broken_redirect');
    reply.map(3);
    reply.bulkText('flags');
    reply.set(flags.length);
    for (const flag of flags) reply.bulkText(flag);
    reply.bulkText('redirect');
    reply.integer(tracker?.redirect ?? -1);
    reply.bulkText('prefixes');
    const prefixes = [...(tracker?.prefixes ?? [])].sort();
    reply.array(prefixes.length);
    for (const prefix of prefixes) reply.bulkText(prefix);
  }

  function monitor({ reply, session, mayBlock }: Unit): void {
    if (!mayBlock) return reply.error("ERR MONITOR isn't allowed for DENY BLOCKING client");
    const { monitors } = server.observers;
    if (monitors.has(session)) return;
    monitors.add(session);
    reply.ok();
  }

  return [
    { name: 'client|tracking', needs: 'exclusive', run: tracking },
    { name: 'client|caching', needs: 'none', run: caching },
    { name: 'client|getredir', needs: 'none', run: (unit) => unit.reply.integer(server.observers.tracking.get(unit.session)?.redirect ?? -1) },
    { name: 'client|trackinginfo', needs: 'none', run: trackinginfo },
    { name: 'monitor', needs: 'exclusive', run: monitor },
  ];
}

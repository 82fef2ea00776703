/** SUBSCRIBE, PSUBSCRIBE, SSUBSCRIBE and their opposites, PUBLISH, SPUBLISH, PUBSUB. */
import { globMatches } from '@larder/store-datatypes';
import type { CommandRow, Session, Unit } from '@larder/store-dispatch';
import { replyHelp } from '@larder/store-commands';
import { PubSub } from '../pubsub';
import type { StoreServer } from '../store-server';

type Kind = 'channels' | 'patterns' | 'shardChannels';

const count = (session: Session, kind: Kind) =>
  kind === 'shardChannels' ? session.shardChannels.size : PubSub.subscriptions(session);

const HELP = [
  'CHANNELS [<pattern>]',
  '    Return the currently active channels matching a <pattern> (default: \'*\').',
  'NUMPAT',
  '    Return number of subscriptions to patterns.',
  'NUMSUB [<channel> ...]',
  '    Return the number of subscribers for the specified channels, excluding',
  '    pattern subscriptions(default: no channels).',
  'SHARDCHANNELS [<pattern>]',
  '    Return the currently active shard level channels matching a <pattern> (default: \'*\').',
  'SHARDNUMSUB [<shardchannel> ...]',
  '    Return the number of subscribers for the specified shard level channel(s)',
];

export function pubsubCommands(server: StoreServer): readonly CommandRow[] {
  const { pubsub } = server;

  /** What was answered since `start` is no reply but a push: CLIENT REPLY does not silence it. */
  function push(unit: Unit, start: number): void {
    const { reply, session } = unit;
    if (session.replyMode !== 'on') session.deliver(reply.buf.subarray(start, reply.pos));
  }

  const subscribe = (kind: Kind, word: string) => (unit: Unit) => {
    const { args, reply, session } = unit;
    const start = reply.pos;
    for (let i = 1; i < args.count; i++) {
      const name = args.text(i);
      pubsub.subscribe(session, kind, name);
      reply.push(3);
      reply.bulkText(word);
      reply.bulkText(name);
      reply.integer(count(session, kind));
    }
    push(unit, start);
  };

  const unsubscribe = (kind: Kind, word: string) => (unit: Unit) => {
    const { args, reply, session } = unit;
    const start = reply.pos;
    const names = args.count > 1 ? Array.from({ length: args.count - 1 }, (_, i) => args.text(i + 1)) : [...session[kind]];
    for (const name of names) {
      pubsub.unsubscribe(session, kind, name);
      reply.push(3);
      reply.bulkText(word);
      reply.bulkText(name);
      reply.integer(count(session, kind));
    }
    if (names.length === 0) {
      reply.push(3);
      reply.bulkText(word);
      reply.nullBulk();
      reply.integer(count(session, kind));
    }
    push(unit, start);
  };

  const publish = (sharded: boolean) => (unit: Unit) => {
    const { args } = unit;
    unit.reply.integer(pubsub.publish(args.text(1), args.buf, args.off[2]!, args.len[2]!, sharded));
    server.replication.published(unit);
  };

  const channels = (kind: Kind) => (unit: Unit) => {
    const { args, reply } = unit;
    if (args.count > 3) return unit.subcommandError();
    const at = reply.pos;
    let found = 0;
    for (const name of pubsub.names(kind)) {
      const bytes = Buffer.from(name, 'latin1');
      if (args.count === 3 && !globMatches(args.buf, args.off[2]!, args.len[2]!, bytes, 0, bytes.length, false)) continue;
      reply.bulkText(name);
      found++;
    }
    reply.insertHeader(at, 'array', found);
  };

  const numsub = (kind: Kind) => (unit: Unit) => {
    const { args, reply } = unit;
    reply.array((args.count - 2) * 2);
    for (let i = 2; i < args.count; i++) {
      reply.bulk(args.buf, args.off[i]!, args.len[i]!);
      reply.integer(pubsub.count(kind, args.text(i)));
    }
  };

  return [
    { name: 'subscribe', needs: 'none', run: subscribe('channels', 'subscribe') },
    { name: 'unsubscribe', needs: 'none', run: unsubscribe('channels', 'unsubscribe') },
    { name: 'psubscribe', needs: 'none', run: subscribe('patterns', 'psubscribe') },
    { name: 'punsubscribe', needs: 'none', run: unsubscribe('patterns', 'punsubscribe') },
    { name: 'ssubscribe', needs: 'none', run: subscribe('shardChannels', 'ssubscribe') },
    { name: 'sunsubscribe', needs: 'none', run: unsubscribe('shardChannels', 'sunsubscribe') },
    { name: 'publish', needs: 'none', run: publish(false) },
    { name: 'spublish', needs: 'none', run: publish(true) },
    { name: 'pubsub', needs: 'none', run: (unit) => unit.wrongArity() },
    { name: 'pubsub|channels', needs: 'none', run: channels('channels') },
    { name: 'pubsub|shardchannels', needs: 'none', run: channels('shardChannels') },
    { name: 'pubsub|numsub', needs: 'none', run: numsub('channels') },
    { name: 'pubsub|shardnumsub', needs: 'none', run: numsub('shardChannels') },
    { name: 'pubsub|numpat', needs: 'none', run: (unit) => unit.reply.integer(pubsub.size('patterns')) },
    { name: 'pubsub|help', needs: 'none', run: (unit) => replyHelp(unit, HELP) },
  ];
}

/** LATENCY: recorded spikes, and how long each command takes. */
import type { Command, CommandRow, Unit } from '@larder/store-dispatch';
import { replyHelp } from '@larder/store-commands';
import { latencyDoctor, latencyGraph } from '../latency-report';
import type { StoreServer } from '../store-server';

const HELP = [
  'DOCTOR',
  '    Return a human readable latency analysis report.',
  'GRAPH <event>',
  '    Return an ASCII latency graph for the <event> class.',
  'HISTORY <event>',
  '    Return time-latency samples for the <event> class.',
  'LATEST',
  '    Return the latest latency samples for all events.',
  'RESET [<event> ...]',
  '    Reset latency data of one or more <event> classes.',
  '    (default: reset all data for all event classes)',
  'HISTOGRAM [COMMAND ...]',
  '    Return a cumulative distribution of latencies in the format of a histogram for the specified command names.',
  '    If no commands are specified then all histograms are replied.',
];

/** Octaves of nanoseconds from 1024 ns on, as far as latencies are told apart. */
const OCTAVE_FIRST = 10;
const OCTAVE_LAST = 30;

export function latencyCommands(server: StoreServer): readonly CommandRow[] {
  const { latency } = server;
  const eventName = (unit: Unit) => unit.args.text(2).split('\0', 1)[0]!;

  function history(unit: Unit): void {
    const samples = latency.events.get(eventName(unit))?.samples ?? [];
    unit.reply.array(samples.length);
    for (const { time, ms } of samples) {
      unit.reply.array(2);
      unit.reply.integer(time);
      unit.reply.integer(ms);
    }
  }

  function latest({ reply }: Unit): void {
    reply.array(latency.events.size);
    for (const { name, samples, worstMs } of latency.events.values()) {
      const { time, ms } = samples.at(-1)!;
      reply.array(4);
      reply.bulkText(name);
      reply.integer(time);
      reply.integer(ms);
      reply.integer(worstMs);
    }
  }

  function graph(unit: Unit): void {
    const name = eventName(unit);
    const event = latency.events.get(name);
    if (event === undefined) return unit.reply.error(`ERR No samples available for event '${name}'`);
    unit.reply.verbatim(latencyGraph(event, Math.floor(unit.now / 1000)));
  }

  function reset({ args, reply }: Unit): void {
    if (args.count === 2) return reply.integer(latency.reset());
    let count = 0;
    for (let i = 2; i < args.count; i++) count += latency.reset(args.text(i).split('\0', 1)[0]!);
    reply.integer(count);
  }

  function doctor({ reply, now }: Unit): void {
    const { settings } = server;
    reply.verbatim(latencyDoctor(latency, { now: Math.floor(now / 1000), slowlogUsec: settings.number('slowlog-log-slower-than'), hz: settings.number('hz') }));
  }

  /** Calls, and for each octave of µs in which some ended, how many had ended by then. */
  function replyHistogram({ reply }: Unit, { name, timing }: Command): void {
    const steps: [usec: number, count: number][] = [];
    let before = 0;
    for (let octave = OCTAVE_FIRST; octave <= OCTAVE_LAST; octave++) {
      const count = timing.endedWithin(octave);
      // Redis' histogram has a step of a 128th there, and names its end.
      if (count > before) steps.push([Math.floor((2 ** octave + 2 ** (octave - 7) - 1) / 1000), count]);
      before = count;
    }
    reply.bulkText(name);
    reply.map(2);
    reply.bulkText('calls');
    reply.integer(timing.count);
    reply.bulkText('histogram_usec');
    reply.map(steps.length);
    for (const [usec, count] of steps) {
      reply.integer(usec);
      reply.integer(count);
    }
  }

  function histogram(unit: Unit): void {
    const { args, reply, dispatcher } = unit;
    const chosen: Command[] = [];
    if (args.count === 2) chosen.push(...dispatcher.table.each());
    for (let i = 2; i < args.count; i++) {
      const found = dispatcher.table.named(args.text(i).toLowerCase());
      if (found !== undefined) chosen.push(found, ...(found.subcommands?.values() ?? []));
    }
    const measured = chosen.filter(({ timing }) => !timing.isEmpty);
    reply.map(measured.length);
    for (const command of measured) replyHistogram(unit, command);
  }

  return [
    { name: 'latency', needs: 'none', run: (unit) => unit.wrongArity() },
    { name: 'latency|latest', needs: 'exclusive', run: latest },
    { name: 'latency|history', needs: 'exclusive', run: history },
    { name: 'latency|reset', needs: 'exclusive', run: reset },
    { name: 'latency|graph', needs: 'exclusive', run: graph },
    { name: 'latency|doctor', needs: 'exclusive', run: doctor },
    { name: 'latency|histogram', needs: 'exclusive', run: histogram },
    { name: 'latency|help', needs: 'none', run: (unit) => replyHelp(unit, HELP) },
  ];
}

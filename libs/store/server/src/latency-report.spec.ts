import { LatencyMonitor } from './latency';
import { latencyDoctor, latencyGraph } from './latency-report';

function monitor(...samples: [event: string, ms: number, second: number][]): LatencyMonitor {
  const made = new LatencyMonitor();
  made.thresholdMs = 1;
  for (const [event, ms, second] of samples) made.add(event, ms, second * 1000);
  return made;
}

describe('LATENCY GRAPH', () => {
  it('draws columns between the lowest and the highest, and below each downwards how long ago it was', () => {
    const { events } = monitor(['fork', 10, 100], ['fork', 400, 160], ['fork', 200, 3700]);
    expect(latencyGraph(events.get('fork')!, 3712).split('\n')).toEqual([
      'fork - high 400 ms, low 10 ms (all time high 400 ms)',
      '-'.repeat(80),
      ' # ',
      ' | ',
      ' |#',
      '_||',
      '   ',
      '151',
      'h92',
      ' ms',
      '',
    ]);
  });
});

describe('LATENCY DOCTOR', () => {
  const facts = { now: 20, slowlogUsec: 10_000, hz: 10 };

  it('says how to turn it on', () => {
    expect(latencyDoctor(new LatencyMonitor(), facts)).toContain('latency-monitor-threshold');
  });

  it('counts each event and speaks of what may help against it', () => {
    const report = latencyDoctor(monitor(['command', 10, 10], ['command', 20, 15]), facts);
    expect(report).toContain('1. command: 2 latency spikes (average 15ms, mean deviation 5ms, period 5.00 sec). Worst all time event 20ms.\n');
    expect(report).toContain('slowlog-log-slower-than 1000');
    expect(report).not.toContain('evicted');
  });
});

import { LatencyMonitor } from './latency';

describe('LatencyMonitor', () => {
  it('records nothing below its threshold, and nothing while it is off', () => {
    const monitor = new LatencyMonitor();
    monitor.add('command', 1000, 0);
    monitor.thresholdMs = 10;
    monitor.add('command', 9.9, 0);
    expect(monitor.events.size).toBe(0);
  });

  it('keeps the worst of each second, and the last 160 seconds', () => {
    const monitor = new LatencyMonitor();
    monitor.thresholdMs = 10;
    for (const ms of [10, 12.7, 11]) monitor.add('fork', ms, 5_000);
    expect(monitor.events.get('fork')).toEqual({ name: 'fork', samples: [{ time: 5, ms: 12 }], worstMs: 12 });
    for (let second = 6; second < 200; second++) monitor.add('fork', 10, second * 1000);
    expect(monitor.events.get('fork')!.samples).toHaveLength(160);
    expect(monitor.events.get('fork')!.worstMs).toBe(12);
    expect([monitor.reset('x'), monitor.reset('fork'), monitor.reset()]).toEqual([0, 1, 0]);
  });
});

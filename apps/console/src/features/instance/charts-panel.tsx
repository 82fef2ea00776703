'use client';
// Four measures of one instance over a span that one chooses. The drawing itself is loaded after the page.
import { useState } from 'react';
import { IconChartLine } from '@tabler/icons-react';
import { useInstanceMetrics, type ChartedMetric, type Instance } from '@/data/instance/instance-query';
import { Skeleton } from '@/ui/blocks';
import { EmptyFace, Faces, LoadingRows } from '@/ui/faces';
import { formatBytes, formatCount, formatPercent, formatRate } from '@/ui/format';
import { later } from '@/ui/later';
import { Panel } from '@/ui/page';
import classes from './overview.module.css';

const MetricChart = later(() => import('./metric-chart').then((module) => module.MetricChart), <Skeleton height={150} />);

const spans = [
  { hours: 0.25, title: '15 min' },
  { hours: 1, title: '1 h' },
  { hours: 6, title: '6 h' },
  { hours: 24, title: '24 h' },
] as const;

const charts: Readonly<Record<ChartedMetric, { readonly title: string; readonly format: (value: number) => string; readonly kind: 'count' | 'bytes' | 'ratio' }>> = {
  OPS_PER_SECOND: { title: 'Operations per second', format: formatRate, kind: 'count' },
  USED_MEMORY_BYTES: { title: 'Memory used', format: formatBytes, kind: 'bytes' },
  CLIENTS: { title: 'Clients', format: (value) => formatCount(Math.round(value)), kind: 'count' },
  HIT_RATIO: { title: 'Hit rate', format: formatPercent, kind: 'ratio' },
};

export function ChartsPanel({ instance }: { readonly instance: Instance }) {
  const [hours, setHours] = useState<number>(spans[0].hours);
  const query = useInstanceMetrics(instance.id, hours);
  const ranges = (
    <div className={classes.ranges} role="group" aria-label="Span">
      {spans.map((span) => <button key={span.hours} type="button" aria-pressed={span.hours === hours} onClick={() => setHours(span.hours)}>{span.title}</button>)}
    </div>
  );
  return (
    <Panel title="Metrics" note="Averages of what the store itself reports." actions={ranges} isFlush>
      <Figures instance={instance} />
      <Faces
        query={query}
        loading={<LoadingRows count={2} height={170} />}
        isEmpty={(series) => series.every(({ points }) => points.every((point) => point.value == null))}
        empty={<EmptyFace icon={<IconChartLine size={22} aria-hidden />} title="No samples yet">The first one comes within half a minute of the instance being ready.</EmptyFace>}
      >
        {(series) => (
          <div className={classes.charts}>
            {series.map(({ name, points }) => {
              const chart = charts[name as ChartedMetric];
              if (!chart) return null;
              const last = points.findLast((point) => point.value != null)?.value;
              return (
                <figure key={name} className={classes.chart} style={{ margin: 0 }} aria-label={`${chart.title}, last ${spans.find((span) => span.hours === hours)!.title}${last == null ? '' : `; now ${chart.format(last)}`}`}>
                  <h3>{chart.title}<span>{last == null ? '' : chart.format(last)}</span></h3>
                  <div className={classes.plot} aria-hidden><MetricChart title={chart.title} points={points} format={chart.format} kind={chart.kind} /></div>
                </figure>
              );
            })}
          </div>
        )}
      </Faces>
    </Panel>
  );
}

function Figures({ instance: { stats, plan } }: { readonly instance: Instance }) {
  if (!stats) return null;
  return (
    <dl className={classes.figures}>
      <div><dt>Operations/s</dt><dd>{formatRate(stats.opsPerSecond)}</dd></div>
      <div><dt>Memory</dt><dd>{formatBytes(stats.usedMemoryBytes)} <small>of {formatBytes(stats.memoryBytesMax || plan.memoryBytes)}</small></dd></div>
      <div><dt>Keys</dt><dd>{formatCount(stats.keys)}</dd></div>
      <div><dt>Clients</dt><dd>{formatCount(stats.clients)} {stats.hitRatio != null && <small>{formatPercent(stats.hitRatio)} hits</small>}</dd></div>
    </dl>
  );
}

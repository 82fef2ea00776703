'use client';
// One line over time. A gap is a gap: where there was no sample, nothing is drawn.
import '@mantine/charts/styles.layer.css';
import { AreaChart } from '@mantine/charts';
import { axisTop } from './axis-top';

interface MetricChartProps {
  readonly title: string;
  readonly points: readonly { readonly at: string; readonly value?: number | null }[];
  readonly format: (value: number) => string;
  readonly kind: 'count' | 'bytes' | 'ratio';
}

const clock = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' });

export function MetricChart({ title, points, format, kind }: MetricChartProps) {
  const top = axisTop(points.reduce((most, { value }) => Math.max(most, value ?? 0), 0), kind);
  return (
    <AreaChart
      h={150}
      data={points.map((point) => ({ at: clock.format(new Date(point.at)), [title]: point.value ?? null }))}
      dataKey="at"
      series={[{ name: title, color: 'var(--app-good-mark)' }]}
      curveType="monotone"
      connectNulls={false}
      withDots={false}
      strokeWidth={1.6}
      fillOpacity={0.14}
      gridAxis="x"
      tickLine="none"
      valueFormatter={format}
      xAxisProps={{ minTickGap: 48, interval: 'preserveStartEnd' }}
      yAxisProps={{ width: 62, domain: [0, top], ticks: [0, top / 2, top], tickFormatter: (value: number) => format(value).replace(' ', '\u00a0') }}
      areaChartProps={{ accessibilityLayer: false, margin: { top: 8, right: 4 } }}
      areaProps={{ isAnimationActive: false }}
    />
  );
}

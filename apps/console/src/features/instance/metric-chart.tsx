'use client';
// One line over time. A gap is a gap: where there was no sample, nothing is drawn.
import '@mantine/charts/styles.layer.css';
import { AreaChart } from '@mantine/charts';

interface MetricChartProps {
  readonly title: string;
  readonly points: readonly { readonly at: string; readonly value?: number | null }[];
  readonly format: (value: number) => string;
  readonly isRatio: boolean;
}

const clock = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' });

export function MetricChart({ title, points, format, isRatio }: MetricChartProps) {
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
      yAxisProps={{ width: 58, tickCount: 4, domain: isRatio ? [0, 1] : [0, 'auto'], allowDecimals: isRatio }}
      areaProps={{ isAnimationActive: false }}
    />
  );
}

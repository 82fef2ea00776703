import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { execute } from '../execute';
import { InstanceDocument, InstanceEventsDocument, InstanceMetricsDocument, InstancesDocument } from '../generated/documents/instance-query';
import type { EventSeverity, InstanceEventsQuery, InstanceFieldsFragment, InstanceRowFragment, MetricName } from '../generated/graphql';
import { pageOrNone, usePages } from '../pages';
import { instanceKeys } from './keys';

export type InstanceRow = InstanceRowFragment;
export type Instance = InstanceFieldsFragment;
export type InstanceEvent = Extract<NonNullable<InstanceEventsQuery['node']>, { __typename: 'Instance' }>['events']['nodes'][number];

export function useInstances(slug: string, search: string) {
  return usePages<InstanceRow>({
    queryKey: instanceKeys.list(slug, search),
    load: async (after) => pageOrNone((await execute(InstancesDocument, { slug, first: 50, after, search: search === '' ? null : search })).organization?.instances),
    refetchInterval: 10_000,
  });
}

/** Null when there is none of that name. */
export function useInstance(slug: string, name: string) {
  return useQuery({
    queryKey: instanceKeys.detail(slug, name),
    queryFn: async () => (await execute(InstanceDocument, { slug, name })).organization?.instance ?? null,
    refetchInterval: 5_000,
  });
}

/** Two samples or more to a point: a narrower one could miss them all and tear the line. */
const NARROWEST_POINT_MS = 20_000;

export const chartedMetrics = ['OPS_PER_SECOND', 'USED_MEMORY_BYTES', 'CLIENTS', 'HIT_RATIO'] as const satisfies readonly MetricName[];
export type ChartedMetric = (typeof chartedMetrics)[number];

export function useInstanceMetrics(id: string, hours: number) {
  return useQuery({
    queryKey: instanceKeys.metrics(id, hours),
    queryFn: async () => {
      const to = Date.now();
      const variables = {
        id,
        from: new Date(to - hours * 3_600_000).toISOString(),
        to: new Date(to).toISOString(),
        names: [...chartedMetrics],
        pointsMax: Math.min(180, Math.floor((hours * 3_600_000) / NARROWEST_POINT_MS)),
      };
      const { node } = await execute(InstanceMetricsDocument, variables);
      return node?.__typename === 'Instance' ? node.metrics : [];
    },
    placeholderData: keepPreviousData,
    refetchInterval: hours <= 1 ? 5_000 : 30_000,
  });
}

export interface EventFilter {
  /** Undefined: all. */
  readonly reasons: readonly string[] | undefined;
  readonly severity: EventSeverity | undefined;
}

export function useInstanceEvents(id: string, filter: EventFilter, first = 30) {
  return usePages<InstanceEvent>({
    queryKey: instanceKeys.eventsOf(id, { ...filter, first }),
    load: async (after) => {
      const { node } = await execute(InstanceEventsDocument, { id, first, after, reasons: filter.reasons === undefined ? null : [...filter.reasons], severity: filter.severity ?? null });
      return pageOrNone(node?.__typename === 'Instance' ? node.events : null);
    },
  });
}

'use client';
// The last of what matters where there are several stores; asked for again as soon as the primary or a link changes.
import { useEffect } from 'react';
import { IconActivity } from '@tabler/icons-react';
import { useQueryClient } from '@tanstack/react-query';
import { useInstanceEvents, type Instance } from '@/data/instance/instance-query';
import { instanceKeys } from '@/data/instance/keys';
import { TextLink } from '@/ui/blocks';
import { EmptyFace, Faces } from '@/ui/faces';
import { Panel } from '@/ui/page';
import { availabilityReasons } from './event-words';
import { Timeline } from './timeline';
import classes from './timeline.module.css';

export function RecentEvents({ slug, instance }: { readonly slug: string; readonly instance: Instance }) {
  const cache = useQueryClient();
  const query = useInstanceEvents(instance.id, { reasons: availabilityReasons, severity: undefined }, 6);
  const picture = instance.members.map(({ name, role, isRunning, isAnswering, isLinkUp }) => [name, role, isRunning, isAnswering, isLinkUp].join()).join(';');
  useEffect(() => {
    void cache.invalidateQueries({ queryKey: instanceKeys.events(instance.id) });
  }, [cache, instance.id, picture]);
  return (
    <Panel title="What happened" note="Changes of primary, lost and replaced members, links." isFlush>
      <Faces
        query={query} isEmpty={(data) => data.nodes.length === 0}
        empty={<EmptyFace icon={<IconActivity size={22} aria-hidden />} title="Nothing has happened yet">Failovers, lost members and cut links are noted here.</EmptyFace>}
      >
        {(data) => (
          <>
            <Timeline label="What happened" events={data.nodes.slice(0, 6)} />
            <div className={classes.foot}><TextLink href={`/o/${slug}/i/${instance.name}/activity`}>All events</TextLink></div>
          </>
        )}
      </Faces>
    </Panel>
  );
}

'use client';
// Everything that happened to an instance by itself, by topic. The filter goes to the API, so that older pages are filtered too.
import { useState } from 'react';
import { IconActivity, IconFilterOff } from '@tabler/icons-react';
import { useInstanceEvents } from '@/data/instance/instance-query';
import { MoreRows } from '@/ui/data-table';
import { EmptyFace, Faces } from '@/ui/faces';
import { Panel } from '@/ui/page';
import { topics, type EventTopic } from './event-words';
import { Timeline } from './timeline';
import classes from './timeline.module.css';

export function EventsPanel({ instanceId, isAvailable }: { readonly instanceId: string; readonly isAvailable: boolean }) {
  const [topic, setTopic] = useState<EventTopic>('ALL');
  const [onlyWarnings, setOnlyWarnings] = useState(false);
  const query = useInstanceEvents(instanceId, { reasons: topics[topic].reasons, severity: onlyWarnings ? 'WARNING' : undefined });
  const isFiltered = topic !== 'ALL' || onlyWarnings;
  const offered = (Object.keys(topics) as EventTopic[]).filter((each) => isAvailable || (each !== 'PRIMARY' && each !== 'LINKS'));
  return (
    <Panel title="Events" note="What happened to the instance, with why." isFlush>
      <div className={classes.filters}>
        <div className={classes.topics} role="group" aria-label="Topic">
          {offered.map((each) => <button key={each} type="button" aria-pressed={each === topic} onClick={() => setTopic(each)}>{topics[each].title}</button>)}
        </div>
        <div className={classes.topics}>
          <button type="button" aria-pressed={onlyWarnings} onClick={() => setOnlyWarnings(!onlyWarnings)}>Warnings only</button>
        </div>
      </div>
      <Faces
        query={query} isEmpty={(data) => data.nodes.length === 0}
        empty={isFiltered
          ? <EmptyFace icon={<IconFilterOff size={22} aria-hidden />} title="Nothing of this kind">Choose another topic, or all.</EmptyFace>
          : <EmptyFace icon={<IconActivity size={22} aria-hidden />} title="Nothing has happened yet">Crashes, changes of primary and other surprises are noted here.</EmptyFace>}
      >
        {(data) => (
          <>
            <Timeline label="Events" events={data.nodes} />
            <MoreRows {...query} />
          </>
        )}
      </Faces>
    </Panel>
  );
}

'use client';
// What happened, newest first: a line with a mark for each event, the days as headings.
import { IconArrowsExchange, IconCircle, IconDatabase, IconLink, IconServer, IconSettings } from '@tabler/icons-react';
import type { InstanceEvent } from '@/data/instance/instance-query';
import { formatMoment } from '@/ui/format';
import { byDay, reasonWords, topicOf, type EventTopic } from './event-words';
import classes from './timeline.module.css';

const icons: Readonly<Record<EventTopic, typeof IconCircle>> = {
  ALL: IconCircle, PRIMARY: IconArrowsExchange, MEMBERS: IconServer, LINKS: IconLink, DATA: IconDatabase, SETTINGS: IconSettings,
};
const days = new Intl.DateTimeFormat('en-GB', { weekday: 'short', day: '2-digit', month: 'short', year: 'numeric' });
const times = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit', second: '2-digit', hourCycle: 'h23' });
const dayOf = (at: string): string => days.format(new Date(at));

export function Timeline({ label, events }: { readonly label: string; readonly events: readonly InstanceEvent[] }) {
  return (
    <div role="group" aria-label={label}>
      {byDay(events, dayOf).map(({ day, events: ofDay }, index) => (
        <section key={`${day}/${index}`} className={classes.day}>
          <h3>{day}</h3>
          <ol>{ofDay.map((event) => <Entry key={event.id} event={event} />)}</ol>
        </section>
      ))}
    </div>
  );
}

function Entry({ event: { severity, reason, message, count, firstAt, lastAt } }: { readonly event: InstanceEvent }) {
  const Icon = icons[topicOf(reason)];
  return (
    <li data-severity={severity}>
      <time dateTime={lastAt} title={formatMoment(lastAt)}>{times.format(new Date(lastAt))}</time>
      <span className={classes.mark}><Icon size={14} aria-hidden /></span>
      <div>
        <p><strong>{reasonWords(reason)}</strong>{severity === 'WARNING' && <span className={classes.warning}>Warning</span>}</p>
        <p className={classes.message}>{message}{count > 1 && ` ${count} times since ${formatMoment(firstAt)}.`}</p>
      </div>
    </li>
  );
}

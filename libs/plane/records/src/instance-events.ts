// What happened to an instance, for people. The same thing in a row is one event that counts.
import { systemClock, systemRandom, uuidV7 } from '@larder/shared-std';
import type { InstanceEvents } from '@larder/plane-domain';
import type { Db } from './client';
import { readPage } from './page';

const ids = uuidV7(systemClock, systemRandom);

export function instanceEventsOn(db: Db): InstanceEvents {
  return {
    async record(event, at) {
      const newest = await db.instanceEvent.findFirst({ where: { instanceId: event.instanceId }, orderBy: { id: 'desc' } });
      if (newest !== null && newest.reason === event.reason && newest.message === event.message) {
        await db.instanceEvent.update({ where: { id: newest.id }, data: { count: { increment: 1 }, lastAt: at } });
        return;
      }
      await db.instanceEvent.create({ data: { ...event, id: ids.next(), firstAt: at, lastAt: at } });
    },
    page: (organizationId, instanceId, page, { reasons, severity } = {}) => readPage(
      db.instanceEvent, { organizationId, instanceId, ...(reasons ? { reason: { in: [...reasons] } } : {}), ...(severity ? { severity } : {}) }, page, (row) => row),
  };
}

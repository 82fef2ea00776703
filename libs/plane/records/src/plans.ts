// What can be ordered. The built-in list is written at every start; a plan that left it stays for the instances that have it.
import type { Plan, Plans } from '@larder/plane-domain';
import type { Db } from './client';

export function plansOn(db: Db): Plans {
  return {
    async all() {
      const rows = await db.plan.findMany({ where: { isOffered: true }, orderBy: { ordinal: 'asc' } });
      return rows.map((row): Plan => ({
        id: row.id, title: row.title, memoryBytes: Number(row.memoryBytes), threads: row.threads, maxClients: row.maxClients,
        backupsMax: row.backupsMax, defaultPersistence: row.defaultPersistence,
      }));
    },
    async sync(plans) {
      for (const [ordinal, { id, ...rest }] of plans.entries()) {
        const data = { ...rest, ordinal, isOffered: true };
        await db.plan.upsert({ where: { id }, create: { id, ...data }, update: data });
      }
      await db.plan.updateMany({ where: { id: { notIn: plans.map((plan) => plan.id) } }, data: { isOffered: false } });
    },
  };
}

// The queues by name. Jobs carry an id and nothing else: what is to be done is in the records, and job data is clear text.
export const queuePrefix = 'larder';
export const queueNames = { instances: 'instances', backups: 'backups', backupDeletions: 'backup-deletions' } as const;
export type QueueName = (typeof queueNames)[keyof typeof queueNames];

export interface WakeJob {
  readonly id: string;
}

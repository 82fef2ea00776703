// The worker, as a list. Started in this order, stopped in the reverse one.
import { archivePart } from './archive-part';
import { backupsPart } from './backups-part';
import { instancesPart } from './instances-part';
import type { WorkerPart } from './part';
import { housekeepingPart, queuesPart } from './queues-part';

export const workerParts: readonly WorkerPart[] = [instancesPart, backupsPart, archivePart, queuesPart, housekeepingPart];

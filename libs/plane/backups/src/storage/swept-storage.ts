// What this room needs of a storage beyond the domain's door: whoever writes by parts leaves parts behind when it is killed.
import type { BackupStorage } from '@larder/plane-domain';

export interface SweptStorage extends BackupStorage {
  /** Removes unfinished writes that nobody touched since; how many. */
  removePartial(before: Date): Promise<number>;
}

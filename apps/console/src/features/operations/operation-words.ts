import type { OperationKind, OperationPhase } from '@/data/generated/graphql';
import type { Tone } from '@/ui/badge';

export const kindWords: Readonly<Record<OperationKind, string>> = {
  ADD_REPLICA: 'Add a replica',
  CHANGE_TOPOLOGY: 'Change the topology',
  CREATE_BACKUP: 'Back up',
  CREATE_INSTANCE: 'Create the instance',
  DELETE_BACKUP: 'Delete a backup',
  DELETE_INSTANCE: 'Delete the instance',
  FAILOVER: 'Fail over',
  IMPORT_BACKUP: 'Create from an upload',
  PROMOTE: 'Make another store primary',
  REMOVE_REPLICA: 'Remove a replica',
  RESTART_INSTANCE: 'Restart',
  RESTORE_BACKUP: 'Create from a backup',
  RESTORE_IN_PLACE: 'Restore in place',
  RESTORE_TO_TIME: 'Create from an earlier second',
  ROTATE_CREDENTIALS: 'Rotate credentials',
  SWITCHOVER: 'Switch over',
  UPDATE_INSTANCE: 'Change',
};

export const phaseFaces: Readonly<Record<OperationPhase, readonly [tone: Tone, word: string]>> = {
  PENDING: ['idle', 'Waiting'],
  RUNNING: ['busy', 'Running'],
  SUCCEEDED: ['good', 'Done'],
  FAILED: ['bad', 'Failed'],
  CANCELED: ['idle', 'Cancelled'],
};

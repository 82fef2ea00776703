// What a run needs of the world.
import type { BackupRow, DataSource, InstanceEvents, ScratchEngine, SecretBox, UnitOfWork } from '@larder/plane-domain';
import type { Clock } from '@larder/shared-std';
import type { SweptStorage } from '../storage/swept-storage';

export interface RunPorts {
  readonly work: UnitOfWork;
  readonly source: DataSource;
  readonly scratch: ScratchEngine;
  readonly storage: SweptStorage;
  readonly secrets: SecretBox;
  readonly clock: Clock;
  /** Unique among all workers that ever lived. */
  readonly holder: string;
}

export function nowOf(ports: Pick<RunPorts, 'clock'>): Date {
  return new Date(ports.clock.now());
}

/** Told to people beside the instance; one that is gone needs no telling. */
export async function tell(
  ports: RunPorts, backup: Pick<BackupRow, 'organizationId' | 'instanceId'>, severity: 'NORMAL' | 'WARNING', reason: string, message: string,
): Promise<void> {
  const { organizationId, instanceId } = backup;
  const events: InstanceEvents = ports.work.records.instanceEvents;
  await events.record({ organizationId, instanceId, severity, reason, message }, nowOf(ports)).catch(() => undefined);
}

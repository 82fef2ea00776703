// All repositories on one Db: the list that the domain's `Repositories` names. A new noun is one file and one line.
import type { Repositories } from '@larder/plane-domain';
import { apiTokensOn } from './api-tokens';
import { auditLogOn } from './audit-log';
import { backupSchedulesOn } from './backup-schedules';
import { backupsOn } from './backups';
import type { Db } from './client';
import { idempotencyOn } from './idempotency';
import { instanceEventsOn } from './instance-events';
import { instanceMembersOn } from './instance-members';
import { instancesOn } from './instances';
import { leasesOn } from './leases';
import { logArchivesOn } from './log-archives';
import { invitationsOn, membersOn } from './members';
import { metricsOn } from './metrics';
import { operationsOn } from './operations';
import { organizationsOn } from './organizations';
import { plansOn } from './plans';
import { platformFactsOn } from './platform-facts';
import { rateBucketsOn } from './rate-buckets';
import { sessionsOn } from './sessions';
import { uploadsOn } from './uploads';
import { usersOn } from './users';

export function repositoriesOn(db: Db): Repositories {
  return {
    users: usersOn(db),
    sessions: sessionsOn(db),
    organizations: organizationsOn(db),
    members: membersOn(db),
    invitations: invitationsOn(db),
    apiTokens: apiTokensOn(db),
    rateBuckets: rateBucketsOn(db),
    idempotency: idempotencyOn(db),
    auditLog: auditLogOn(db),
    plans: plansOn(db),
    platformFacts: platformFactsOn(db),
    instances: instancesOn(db),
    instanceMembers: instanceMembersOn(db),
    operations: operationsOn(db),
    instanceEvents: instanceEventsOn(db),
    metrics: metricsOn(db),
    leases: leasesOn(db),
    backupSchedules: backupSchedulesOn(db),
    backups: backupsOn(db),
    uploads: uploadsOn(db),
    logArchives: logArchivesOn(db),
  };
}

// node(id): any noun by its id. What is not there and what belongs to others answer null alike.
import { Inject } from '@nestjs/common';
import { Args, Context, ID, Query, Resolver } from '@nestjs/graphql';
import { parseNodeId, type Action, type OwnedNoun, type Repositories } from '@larder/plane-domain';
import { toApiToken } from '../api-token/api-token.type';
import { toBackupSchedule } from '../backup-schedule/backup-schedule.type';
import { toBackup } from '../backup/backup.type';
import type { RequestContext } from '../context';
import { toInstance } from '../instance/instance.type';
import { toInvitation } from '../invitation/invitation.type';
import { toMember } from '../member/member.type';
import { toOperation } from '../operation/operation.type';
import { toOrganization } from '../organization/organization.type';
import { toPlan } from '../plan/plan.type';
import { PLANE, type PlaneServices } from '../services';
import { toUser } from '../user/user.type';
import { Node } from '../words/node.type';

interface Readable {
  readonly action: Action;
  read(records: Repositories, organizationId: string, id: string): Promise<object | undefined>;
}

async function shown<R>(row: Promise<R | undefined>, show: (row: R) => object): Promise<object | undefined> {
  const found = await row;
  return found === undefined ? undefined : show(found);
}

const readable: Partial<Record<string, Readable>> = {
  Member: { action: 'member.read', read: (records, place, id) => shown(records.members.byId(place, id), toMember) },
  Invitation: { action: 'member.write', read: (records, place, id) => shown(records.invitations.byId(place, id), toInvitation) },
  ApiToken: { action: 'token.read', read: (records, place, id) => shown(records.apiTokens.byId(place, id), toApiToken) },
  Instance: { action: 'instance.read', read: (records, place, id) => shown(records.instances.byId(place, id), (row) => toInstance(row)) },
  Operation: { action: 'operation.read', read: (records, place, id) => shown(records.operations.byId(place, id), toOperation) },
  BackupSchedule: { action: 'backup.read', read: (records, place, id) => shown(records.backupSchedules.byId(place, id), toBackupSchedule) },
  Backup: { action: 'backup.read', read: (records, place, id) => shown(records.backups.byId(place, id), toBackup) },
} satisfies Partial<Record<OwnedNoun, Readable>>;

@Resolver()
export class NodeResolver {
  constructor(@Inject(PLANE) private readonly plane: PlaneServices) {}

  @Query(() => Node, { nullable: true })
  async node(@Args('id', { type: () => ID }) nodeId: string, @Context('plane') context: RequestContext): Promise<object | null> {
    const viewer = context.requireViewer();
    const node = parseNodeId(nodeId);
    if (node === undefined) return null;
    const { records } = this.plane.work;
    if (node.type === 'Plan') {
      const plan = (await context.loaders.plans()).find((offered) => offered.id === node.id);
      return plan === undefined ? null : toPlan(plan);
    }
    if (node.type === 'User') return viewer.kind === 'user' && viewer.user.id === node.id ? toUser(viewer.user) : null;
    if (node.type === 'Organization') {
      if (!(await context.mayIn(node.id, 'organization.read'))) return null;
      return (await shown(records.organizations.byId(node.id), toOrganization)) ?? null;
    }
    const noun = readable[node.type];
    if (noun === undefined) return null;
    const located = await context.locate(nodeId, node.type as OwnedNoun & 'Instance', noun.action);
    return located === undefined ? null : (await noun.read(records, located.organizationId, located.id)) ?? null;
  }
}

'use client';
import { useState } from 'react';
import { NativeSelect } from '@mantine/core';
import { IconMail, IconTrash, IconUserPlus, IconUsers } from '@tabler/icons-react';
import type { Role } from '@/data/generated/graphql';
import { useRemoveMember, useRevokeInvitation, useUpdateMember } from '@/data/member/member-mutation';
import { useInvitations, useMembers, type Invitation, type Member } from '@/data/member/member-query';
import { useMay } from '@/data/organization/organization-query';
import { isDone } from '@/data/refusal';
import { useViewer } from '@/data/viewer/viewer-query';
import { Button } from '@/ui/button';
import { DataTable, MoreRows, type Column } from '@/ui/data-table';
import { EmptyFace, Faces } from '@/ui/faces';
import { later } from '@/ui/later';
import { PageHead, Panel } from '@/ui/page';
import { TimeAgo } from '@/ui/time-ago';
import { showToast } from '@/ui/toast';
import { Confirm } from '@/ui/confirm';
import { roleChoices, roleWords } from './roles';

const InviteDialog = later(() => import('./invite-dialog').then((module) => module.InviteDialog));

export function MembersScreen({ slug }: { readonly slug: string }) {
  const [isInviting, setInviting] = useState(false);
  const mayWrite = useMay(slug)('member.write');
  return (
    <>
      <PageHead
        title="Members" lead="Who may do what in this organisation."
        actions={mayWrite && <Button leftSection={<IconUserPlus size={16} aria-hidden />} onClick={() => setInviting(true)}>Invite</Button>}
      />
      <MembersPanel slug={slug} mayWrite={mayWrite} />
      {mayWrite && <InvitationsPanel slug={slug} />}
      {isInviting && <InviteDialog slug={slug} onClose={() => setInviting(false)} />}
    </>
  );
}

function MembersPanel({ slug, mayWrite }: { readonly slug: string; readonly mayWrite: boolean }) {
  const query = useMembers(slug);
  const ownId = useViewer().data?.user?.id;
  const update = useUpdateMember(slug);
  const remove = useRemoveMember(slug);
  const [leaving, setLeaving] = useState<Member>();
  const setRole = async (member: Member, role: Role): Promise<void> => {
    try {
      const result = await update.mutateAsync({ memberId: member.id, role });
      if (isDone(result)) showToast(`${member.user.name} is now ${roleWords[role].toLowerCase()}.`);
      else showToast(result.message, 'bad');
    } catch (error) {
      showToast((error as Error).message, 'bad');
    }
  };
  const columns: Column<Member>[] = [
    { title: 'Name', cell: ({ user }) => <><strong style={{ fontWeight: 560 }}>{user.name}</strong>{user.id === ownId && ' (you)'}</> },
    { title: 'Email', cell: ({ user }) => user.email },
    {
      title: 'Role',
      cell: (member) => (mayWrite
        ? <NativeSelect size="xs" w={132} aria-label={`Role of ${member.user.name}`} data={roleChoices} value={member.role} disabled={update.isPending} onChange={(event) => void setRole(member, event.currentTarget.value as Role)} />
        : roleWords[member.role]),
    },
    { title: 'Since', align: 'end', cell: (member) => <TimeAgo at={member.joinedAt} /> },
    ...(mayWrite
      ? [{ title: 'Actions', isTitleHidden: true, align: 'end' as const, cell: (member: Member) => <Button size="compact-sm" variant="default" aria-label={`Remove ${member.user.name}`} onClick={() => setLeaving(member)}><IconTrash size={15} aria-hidden /></Button> }]
      : []),
  ];
  return (
    <Panel title="People" isFlush>
      <Faces query={query} isEmpty={(data) => data.nodes.length === 0} empty={<EmptyFace icon={<IconUsers size={22} aria-hidden />} title="Nobody is here" />}>
        {(data) => (
          <>
            <DataTable caption="Members" columns={columns} rows={data.nodes} keyOf={(member) => member.id} />
            <MoreRows {...query} />
          </>
        )}
      </Faces>
      {leaving && (
        <Confirm
          title={`Remove ${leaving.user.name}?`} text="They lose access at once. What they made stays." verb="Remove member"
          act={() => remove.mutateAsync(leaving.id)} onClose={() => setLeaving(undefined)}
        />
      )}
    </Panel>
  );
}

function InvitationsPanel({ slug }: { readonly slug: string }) {
  const query = useInvitations(slug);
  const revoke = useRevokeInvitation(slug);
  const [revoked, setRevoked] = useState<Invitation>();
  const columns: Column<Invitation>[] = [
    { title: 'Email', cell: (invitation) => invitation.email },
    { title: 'Role', cell: (invitation) => roleWords[invitation.role] },
    { title: 'Expires', align: 'end', cell: (invitation) => <TimeAgo at={invitation.expiresAt} /> },
    { title: 'Actions', isTitleHidden: true, align: 'end', cell: (invitation) => <Button size="compact-sm" variant="default" onClick={() => setRevoked(invitation)} aria-label={`Revoke the invitation of ${invitation.email}`}>Revoke</Button> },
  ];
  return (
    <Panel title="Invitations" isFlush>
      <Faces query={query} isEmpty={(data) => data.length === 0} empty={<EmptyFace icon={<IconMail size={22} aria-hidden />} title="No open invitations">An invitation is a link that you hand over; it is shown once.</EmptyFace>}>
        {(data) => <DataTable caption="Invitations" columns={columns} rows={data} keyOf={(invitation) => invitation.id} />}
      </Faces>
      {revoked && <Confirm title={`Revoke the invitation of ${revoked.email}?`} text="Its link stops working." verb="Revoke" act={() => revoke.mutateAsync(revoked.id)} onClose={() => setRevoked(undefined)} />}
    </Panel>
  );
}

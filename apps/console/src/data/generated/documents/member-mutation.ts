/* eslint-disable */
// Written by `npm run codegen`.
import { TypedDocumentString } from '../typed-document';
import type { InviteMemberMutation, InviteMemberMutationVariables, RevokeInvitationMutation, RevokeInvitationMutationVariables, UpdateMemberMutation, UpdateMemberMutationVariables, RemoveMemberMutation, RemoveMemberMutationVariables } from '../graphql';

export const InviteMemberDocument = /*#__PURE__*/ new TypedDocumentString(
  'mutation InviteMember($input:InviteMemberInput!){inviteMember(input:$input){__typename ... on InviteMemberPayload{invitation{id email role expiresAt}token url}... on Refusal{message}... on InvalidInput{faults{field message}}... on QuotaExceeded{resource limit used requested}}}',
) as unknown as TypedDocumentString<InviteMemberMutation, InviteMemberMutationVariables>;

export const RevokeInvitationDocument = /*#__PURE__*/ new TypedDocumentString(
  'mutation RevokeInvitation($input:RevokeInvitationInput!){revokeInvitation(input:$input){__typename ... on RevokeInvitationPayload{invitationId}... on Refusal{message}}}',
) as unknown as TypedDocumentString<RevokeInvitationMutation, RevokeInvitationMutationVariables>;

export const UpdateMemberDocument = /*#__PURE__*/ new TypedDocumentString(
  'mutation UpdateMember($input:UpdateMemberInput!){updateMember(input:$input){__typename ... on MemberPayload{member{id role}}... on Refusal{message}}}',
) as unknown as TypedDocumentString<UpdateMemberMutation, UpdateMemberMutationVariables>;

export const RemoveMemberDocument = /*#__PURE__*/ new TypedDocumentString(
  'mutation RemoveMember($input:RemoveMemberInput!){removeMember(input:$input){__typename ... on RemoveMemberPayload{memberId}... on Refusal{message}}}',
) as unknown as TypedDocumentString<RemoveMemberMutation, RemoveMemberMutationVariables>;

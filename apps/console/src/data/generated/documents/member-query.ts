/* eslint-disable */
// Written by `npm run codegen`.
import { TypedDocumentString } from '../typed-document';
import type { MembersQuery, MembersQueryVariables, InvitationsQuery, InvitationsQueryVariables } from '../graphql';

export const MembersDocument = /*#__PURE__*/ new TypedDocumentString(
  'query Members($slug:String!,$after:String){organization(slug:$slug){id members(first:50,after:$after){totalCount pageInfo{endCursor hasNextPage}nodes{id role joinedAt user{id name email}}}}}',
) as unknown as TypedDocumentString<MembersQuery, MembersQueryVariables>;

export const InvitationsDocument = /*#__PURE__*/ new TypedDocumentString(
  'query Invitations($slug:String!){organization(slug:$slug){id invitations(first:100){totalCount nodes{id email role createdAt expiresAt}}}}',
) as unknown as TypedDocumentString<InvitationsQuery, InvitationsQueryVariables>;

/* eslint-disable */
// Written by `npm run codegen`.
import { TypedDocumentString } from '../typed-document';
import type { SignInMutation, SignInMutationVariables, SignOutMutation, SignOutMutationVariables, ChangePasswordMutation, ChangePasswordMutationVariables, AcceptInvitationMutation, AcceptInvitationMutationVariables } from '../graphql';

export const SignInDocument = /*#__PURE__*/ new TypedDocumentString(
  'mutation SignIn($input:SignInInput!){signIn(input:$input){__typename ... on SignInPayload{viewer{...ViewerFields}}... on SignInFailed{message retryAfterSeconds}}}fragment ViewerFields on Viewer{user{id name email isPlatformAdmin}organizations(first:100){nodes{id name slug viewerRole}}}',
) as unknown as TypedDocumentString<SignInMutation, SignInMutationVariables>;

export const SignOutDocument = /*#__PURE__*/ new TypedDocumentString(
  'mutation SignOut{signOut{ok}}',
) as unknown as TypedDocumentString<SignOutMutation, SignOutMutationVariables>;

export const ChangePasswordDocument = /*#__PURE__*/ new TypedDocumentString(
  'mutation ChangePassword($input:ChangePasswordInput!){changePassword(input:$input){__typename ... on ChangePasswordPayload{ok}... on Refusal{message}... on InvalidInput{faults{field message}}}}',
) as unknown as TypedDocumentString<ChangePasswordMutation, ChangePasswordMutationVariables>;

export const AcceptInvitationDocument = /*#__PURE__*/ new TypedDocumentString(
  'mutation AcceptInvitation($input:AcceptInvitationInput!){acceptInvitation(input:$input){__typename ... on AcceptInvitationPayload{organization{id slug name}viewer{...ViewerFields}}... on Refusal{message}... on InvalidInput{faults{field message}}}}fragment ViewerFields on Viewer{user{id name email isPlatformAdmin}organizations(first:100){nodes{id name slug viewerRole}}}',
) as unknown as TypedDocumentString<AcceptInvitationMutation, AcceptInvitationMutationVariables>;

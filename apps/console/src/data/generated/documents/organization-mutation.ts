/* eslint-disable */
// Written by `npm run codegen`.
import { TypedDocumentString } from '../typed-document';
import type { CreateOrganizationMutation, CreateOrganizationMutationVariables, UpdateOrganizationMutation, UpdateOrganizationMutationVariables } from '../graphql';

export const CreateOrganizationDocument = /*#__PURE__*/ new TypedDocumentString(
  'mutation CreateOrganization($input:CreateOrganizationInput!){createOrganization(input:$input){__typename ... on OrganizationPayload{organization{id name slug}}... on Refusal{message}... on InvalidInput{faults{field message}}}}',
) as unknown as TypedDocumentString<CreateOrganizationMutation, CreateOrganizationMutationVariables>;

export const UpdateOrganizationDocument = /*#__PURE__*/ new TypedDocumentString(
  'mutation UpdateOrganization($input:UpdateOrganizationInput!){updateOrganization(input:$input){__typename ... on OrganizationPayload{organization{id name slug}}... on Refusal{message}... on InvalidInput{faults{field message}}}}',
) as unknown as TypedDocumentString<UpdateOrganizationMutation, UpdateOrganizationMutationVariables>;

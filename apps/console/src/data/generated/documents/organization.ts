/* eslint-disable */
// Written by `npm run codegen`.
import { TypedDocumentString } from '../typed-document';
import type { OrganizationQuery, OrganizationQueryVariables, QuotasQuery, QuotasQueryVariables, CreateOrganizationMutation, CreateOrganizationMutationVariables, UpdateOrganizationMutation, UpdateOrganizationMutationVariables } from '../graphql';

export const OrganizationDocument = /*#__PURE__*/ new TypedDocumentString(
  'query Organization($slug:String!){organization(slug:$slug){id name slug viewerRole viewerActions}}',
) as unknown as TypedDocumentString<OrganizationQuery, OrganizationQueryVariables>;

export const QuotasDocument = /*#__PURE__*/ new TypedDocumentString(
  'query Quotas($slug:String!){organization(slug:$slug){id quotas{resource used limit}}}',
) as unknown as TypedDocumentString<QuotasQuery, QuotasQueryVariables>;

export const CreateOrganizationDocument = /*#__PURE__*/ new TypedDocumentString(
  'mutation CreateOrganization($input:CreateOrganizationInput!){createOrganization(input:$input){__typename ... on OrganizationPayload{organization{id name slug}}... on Refusal{message}... on InvalidInput{faults{field message}}}}',
) as unknown as TypedDocumentString<CreateOrganizationMutation, CreateOrganizationMutationVariables>;

export const UpdateOrganizationDocument = /*#__PURE__*/ new TypedDocumentString(
  'mutation UpdateOrganization($input:UpdateOrganizationInput!){updateOrganization(input:$input){__typename ... on OrganizationPayload{organization{id name slug}}... on Refusal{message}... on InvalidInput{faults{field message}}}}',
) as unknown as TypedDocumentString<UpdateOrganizationMutation, UpdateOrganizationMutationVariables>;

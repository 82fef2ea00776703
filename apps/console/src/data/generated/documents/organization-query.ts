/* eslint-disable */
// Written by `npm run codegen`.
import { TypedDocumentString } from '../typed-document';
import type { OrganizationQuery, OrganizationQueryVariables, QuotasQuery, QuotasQueryVariables } from '../graphql';

export const OrganizationDocument = /*#__PURE__*/ new TypedDocumentString(
  'query Organization($slug:String!){organization(slug:$slug){id name slug viewerRole viewerActions}}',
) as unknown as TypedDocumentString<OrganizationQuery, OrganizationQueryVariables>;

export const QuotasDocument = /*#__PURE__*/ new TypedDocumentString(
  'query Quotas($slug:String!){organization(slug:$slug){id quotas{resource used limit}}}',
) as unknown as TypedDocumentString<QuotasQuery, QuotasQueryVariables>;

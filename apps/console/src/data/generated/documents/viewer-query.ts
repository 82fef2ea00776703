/* eslint-disable */
// Written by `npm run codegen`.
import { TypedDocumentString } from '../typed-document';
import type { ViewerQuery, ViewerQueryVariables } from '../graphql';

export const ViewerDocument = /*#__PURE__*/ new TypedDocumentString(
  'query Viewer{viewer{...ViewerFields}}fragment ViewerFields on Viewer{user{id name email isPlatformAdmin}organizations(first:100){nodes{id name slug viewerRole}}}',
) as unknown as TypedDocumentString<ViewerQuery, ViewerQueryVariables>;

// The front door of @larder/plane-graphql: the public API as a Nest module.
export { fileNameOf, pointFileNameOf } from './backup/backup.resolver';
export { RequestContext } from './context';
export { PlaneGraphqlModule, resolvers } from './graphql.module';
export { contextOf, isAllowedOrigin, isFromOurPage, sessionCookie, viewerOf } from './request';
export { PLANE, type PlaneFacts, type PlaneServices } from './services';

// The schema, joined: every noun's resolver, Mercurius with compiled queries on Fastify, and the limits in front of it.
//
//   text → shape.ts → parse (tokens bounded) → validate → cost.ts, meter.ts → execute
import { type DynamicModule, Module } from '@nestjs/common';
import { APP_FILTER } from '@nestjs/core';
import { GraphQLModule } from '@nestjs/graphql';
import { MercuriusDriver, type MercuriusDriverConfig } from '@nestjs/mercurius';
import { GraphQLError, Location, NoSchemaIntrospectionCustomRule, validate, type DocumentNode, type GraphQLSchema } from 'graphql';
import { AboutResolver } from './about/about.resolver';
import { ApiTokenResolver } from './api-token/api-token.resolver';
import { ArchiveResolver } from './archive/archive.resolver';
import { BackupScheduleResolver } from './backup-schedule/backup-schedule.resolver';
import { BackupResolver } from './backup/backup.resolver';
import type { RequestContext } from './context';
import { formatErrors, ToldErrors, type ErrorLog } from './errors';
import { InstanceMutations } from './instance/instance.mutations';
import { InstanceResolver } from './instance/instance.resolver';
import { InvitationResolver } from './invitation/invitation.resolver';
import { measure } from './limits/cost';
import { meterOn, type Meter } from './limits/meter';
import { checkShape, queryLengthMax } from './limits/shape';
import { MemberResolver } from './member/member.resolver';
import { ChangesResolver } from './node/changes.resolver';
import { NodeResolver } from './node/node.resolver';
import { OperationResolver } from './operation/operation.resolver';
import { OrganizationResolver } from './organization/organization.resolver';
import { PlanResolver } from './plan/plan.resolver';
import { contextOf, isAllowedOrigin, type ReplyLike, type RequestLike } from './request';
import { PLANE, type PlaneServices } from './services';
import { ViewerResolver } from './viewer/viewer.resolver';
import { badRequest } from './words/page.type';

export const resolvers = [
  AboutResolver, ApiTokenResolver, ArchiveResolver, BackupResolver, BackupScheduleResolver, ChangesResolver, InstanceMutations, InstanceResolver,
  InvitationResolver, MemberResolver, NodeResolver, OperationResolver, OrganizationResolver, PlanResolver, ViewerResolver,
] as const;

const tokensMax = 8_000;
/** A query is compiled when it comes for the second time: what is asked once is not worth it. */
const compileAfter = 1;
/** Variables hold no files; uploads have a route of their own. */
const bodyBytesMax = 4 * queryLengthMax;
const socketPingMs = 20_000;

interface GraphqlContext {
  readonly plane: RequestContext;
  cost?: number;
}

@Module({})
export class PlaneGraphqlModule {
  static register(plane: PlaneServices): DynamicModule {
    const services = { provide: PLANE, useValue: plane };
    return {
      module: PlaneGraphqlModule,
      imports: [GraphQLModule.forRoot<MercuriusDriverConfig>(optionsOf(plane))],
      providers: [services, { provide: APP_FILTER, useClass: ToldErrors }, ...resolvers],
      exports: [services],
    };
  }
}

function optionsOf(plane: PlaneServices): MercuriusDriverConfig {
  const meter = meterOn(plane.clock);
  const rules = plane.facts.introspection ? [] : [NoSchemaIntrospectionCustomRule];
  return {
    driver: MercuriusDriver,
    autoSchemaFile: true,
    sortSchema: true,
    path: '/graphql',
    graphiql: false,
    jit: compileAfter,
    graphql: { parseOptions: { maxTokens: tokensMax } },
    validationRules: rules,
    additionalRouteOptions: { bodyLimit: bodyBytesMax },
    context: async (request: RequestLike, reply: ReplyLike) => ({ plane: await contextOf(plane, request, reply) }),
    errorFormatter: ((execution: never, context: { reply?: { request?: { id?: string; log?: ErrorLog }; log?: ErrorLog } }) =>
      formatErrors(execution, String(context.reply?.request?.id ?? ''), context.reply?.log)) as never,
    subscription: {
      fullWsTransport: false,
      keepAlive: socketPingMs,
      // Browsers always name the page's origin for sockets; programs name none.
      verifyClient: (info: { readonly origin?: string; readonly req: { readonly headers: { readonly host?: string } } }, next: (isAllowed: boolean) => void) =>
        next(info.origin === undefined || isAllowedOrigin(plane, info.origin, info.req.headers.host)),
      onConnect: async ({ payload }: { payload?: { authorization?: unknown } }) =>
        (typeof payload?.authorization === 'string' ? { bearer: payload.authorization } : true),
      context: async (_socket: unknown, request: RequestLike) => ({ socketRequest: request }),
    } as never,
    hooks: {
      preParsing: async (_schema: unknown, source: string) => {
        const fault = checkShape(source);
        if (fault !== undefined) throw new GraphQLError(fault, { extensions: { code: 'TOO_COMPLEX' } });
      },
      // Mercurius also takes a parsed document, as an object or as JSON: what went round the parser went round its limits.
      preValidation: async (_schema: unknown, document: DocumentNode) => {
        if (!(document.loc instanceof Location)) throw badRequest('send the query as text');
      },
      preExecution: async (schema: GraphQLSchema, document: DocumentNode, context: unknown, variables?: Record<string, unknown>) => {
        charge(meter, schema, document, context as GraphqlContext, variables ?? {});
        return undefined as never;
      },
      onResolution: async (execution: { extensions?: object }, context: unknown) => {
        const { cost } = context as GraphqlContext;
        if (cost !== undefined) execution.extensions = { ...execution.extensions, cost };
      },
      // Mercurius validates nothing on sockets, so all of it happens here; the viewer is known only now (connection_init).
      preSubscriptionParsing: async (_schema: unknown, source: string) => {
        const fault = checkShape(source);
        if (fault !== undefined) throw new GraphQLError(fault, { extensions: { code: 'TOO_COMPLEX' } });
      },
      preSubscriptionExecution: async (schema: GraphQLSchema, document: DocumentNode, context: unknown) => {
        const [fault] = validate(schema, document, undefined, { maxErrors: 1 });
        if (fault) throw fault;
        const socket = context as { plane?: RequestContext; bearer?: string; socketRequest: RequestLike };
        socket.plane = await contextOf(plane, socket.socketRequest, undefined, socket.bearer);
        charge(meter, schema, document, socket as GraphqlContext, {});
      },
    } as never,
  };
}

function charge(meter: Meter, schema: GraphQLSchema, document: DocumentNode, context: GraphqlContext, variables: Record<string, unknown>): void {
  const verdict = measure(schema, document, variables);
  if (!verdict.ok) {
    throw verdict.code === 'BAD_REQUEST' ? badRequest(verdict.message) : new GraphQLError(verdict.message, { extensions: { code: verdict.code } });
  }
  context.cost = verdict.cost;
  const { viewer, facts } = context.plane;
  if (facts.fault !== undefined) throw facts.fault;
  const who = viewer === undefined ? `ip:${facts.ip}` : viewer.kind === 'user' ? `user:${viewer.user.id}` : `token:${viewer.token.id}`;
  const waitSeconds = meter.take(who, verdict.cost, viewer !== undefined);
  if (waitSeconds > 0) {
    throw new GraphQLError(`Too many requests; try again in ${waitSeconds} s.`, { extensions: { code: 'RATE_LIMITED', retryAfterSeconds: waitSeconds } });
  }
}

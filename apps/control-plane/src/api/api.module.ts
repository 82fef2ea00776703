// The API as a Nest module, and the server around it.
import { randomUUID } from 'node:crypto';
import { Module, type DynamicModule, type LoggerService } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import type { FastifyInstance } from 'fastify';
import type { Logger } from 'pino';
import { PlaneGraphqlModule } from '@larder/plane-graphql';
import { ApiMetrics } from './api-metrics';
import type { ApiServices } from './api-services';
import { API } from './api-token';
import { HealthController } from './health.controller';
import { applyHttpRules } from './http-rules';
import { TransferController } from './transfer.controller';

/** Tickets of downloads are longer than Fastify's 100. */
const pathPartLengthMax = 2_000;

@Module({})
export class ApiModule {
  static on(api: ApiServices, metrics: ApiMetrics): DynamicModule {
    return {
      module: ApiModule,
      imports: [PlaneGraphqlModule.register(api.plane)],
      controllers: [HealthController, TransferController],
      providers: [{ provide: API, useValue: api }, { provide: ApiMetrics, useValue: metrics }],
    };
  }
}

export async function createApi(api: ApiServices): Promise<NestFastifyApplication> {
  const metrics = new ApiMetrics();
  const adapter = new FastifyAdapter({
    // Fastify says two lines a request at `info`; ours are in http-rules.ts.
    loggerInstance: api.platform.log.child({}, { level: 'warn' }), genReqId: () => randomUUID(),
    // The console's server passes requests on from this machine; nobody else is believed about whom they speak for.
    trustProxy: 'loopback', routerOptions: { maxParamLength: pathPartLengthMax }, forceCloseConnections: true,
  } as never);
  const server = adapter.getInstance() as unknown as FastifyInstance;
  server.addContentTypeParser('application/octet-stream', (_request, payload, done) => done(null, payload));
  applyHttpRules(server, api, metrics);
  const app = await NestFactory.create<NestFastifyApplication>(ApiModule.on(api, metrics), adapter,
    // Fastify's own parsers, JSON alone: a form is what a foreign page can send.
    { logger: nestLog(api.platform.log), abortOnError: false, bodyParser: false });
  await app.init();
  return app;
}

/** Nest's own words in the process' log. */
function nestLog(log: Logger): LoggerService {
  return {
    log: (message: unknown) => log.debug(String(message)),
    warn: (message: unknown) => log.warn(String(message)),
    error: (message: unknown, ...rest: unknown[]) => log.error({ rest }, String(message)),
  };
}

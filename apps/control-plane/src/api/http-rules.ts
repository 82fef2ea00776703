// What holds for every HTTP request, whoever answers it: origin rules, headers, measures, one log line for what failed.
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { isAllowedOrigin } from '@larder/plane-graphql';
import type { ApiServices } from './api-services';
import type { ApiMetrics } from './api-metrics';

const preflightSeconds = '600';

export function applyHttpRules(server: FastifyInstance, { plane, platform }: ApiServices, metrics: ApiMetrics): void {
  server.addHook('onRequest', async (request, reply) => {
    reply.headers({ 'x-content-type-options': 'nosniff', 'referrer-policy': 'no-referrer', 'cache-control': 'no-store', 'x-request-id': request.id });
    if (!allowOrigin(request, reply)) return;
    if (request.method === 'OPTIONS') {
      await reply.code(204).headers({
        'access-control-allow-methods': 'GET, POST, OPTIONS', 'access-control-allow-headers': 'authorization, content-type',
        'access-control-max-age': preflightSeconds,
      }).send();
    }
  });
  server.addHook('onResponse', async (request, reply) => {
    const route = request.routeOptions.url ?? 'none';
    metrics.requestSeconds.observe({ route, method: request.method, status: String(reply.statusCode) }, reply.elapsedTime / 1000);
    if (reply.statusCode >= 500) platform.log.warn({ requestId: request.id, route, status: reply.statusCode }, 'request failed');
    else platform.log.debug({ requestId: request.id, route, status: reply.statusCode, ms: Math.round(reply.elapsedTime) }, 'request');
  });

  /** True where the page may read our answers. */
  function allowOrigin(request: FastifyRequest, reply: FastifyReply): boolean {
    const { origin, host } = request.headers;
    if (origin === undefined || !isAllowedOrigin(plane, origin, host)) return false;
    reply.headers({ 'access-control-allow-origin': origin, 'access-control-allow-credentials': 'true', vary: 'Origin' });
    return true;
  }
}

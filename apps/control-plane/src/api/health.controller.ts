import { Controller, Get, Header, Headers, HttpException, Inject } from '@nestjs/common';
import { timingSafeEqual } from 'node:crypto';
import { ApiMetrics } from './api-metrics';
import type { ApiServices } from './api-services';
import { API } from './api-token';

@Controller()
export class HealthController {
  constructor(@Inject(API) private readonly api: ApiServices, @Inject(ApiMetrics) private readonly metricsOf: ApiMetrics) {}

  /** Alive: this process answers. */
  @Get('healthz')
  health(): { readonly status: 'ok' } {
    return { status: 'ok' };
  }

  /** Ready: it can reach what it needs. The queue is not on the list: without it everything works, some seconds later. */
  @Get('readyz')
  async ready(): Promise<{ readonly status: 'ok' }> {
    try {
      await this.api.platform.client.ping();
    } catch {
      throw new HttpException({ status: 'not ready', faults: { database: 'does not answer' } }, 503);
    }
    return { status: 'ok' };
  }

  @Get('metrics')
  @Header('content-type', 'text/plain; version=0.0.4; charset=utf-8')
  metrics(@Headers('authorization') authorization?: string): Promise<string> {
    const token = this.api.platform.settings.metricsToken;
    if (token !== null && !isSame(authorization ?? '', `Bearer ${token}`)) throw new HttpException('A bearer token is needed.', 401);
    return this.metricsOf.registry.metrics();
  }
}

function isSame(left: string, right: string): boolean {
  const [a, b] = [Buffer.from(left), Buffer.from(right)];
  return a.length === b.length && timingSafeEqual(a, b);
}

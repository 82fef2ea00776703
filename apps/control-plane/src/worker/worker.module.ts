// The worker as a Nest module: the parts as one service with the process' life, health and metrics beside it.
import { Controller, Get, Header, Headers, HttpException, Inject, Injectable, Module, type DynamicModule, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { collectDefaultMetrics, Registry } from 'prom-client';
import { timingSafeEqual } from 'node:crypto';
import type { Platform } from '../platform';
import type { RunningPart } from './part';
import { workerParts } from './parts';

const PLATFORM = Symbol('PLATFORM');

@Injectable()
export class WorkerService implements OnApplicationBootstrap, OnApplicationShutdown {
  readonly metrics = new Registry();
  readonly #running: { name: string; part: RunningPart }[] = [];

  constructor(@Inject(PLATFORM) readonly platform: Platform) {
    collectDefaultMetrics({ register: this.metrics });
  }

  async onApplicationBootstrap(): Promise<void> {
    for (const { name, start } of workerParts) this.#running.push({ name, part: await start(this.platform, this.metrics) });
  }

  async onApplicationShutdown(): Promise<void> {
    for (const { name, part } of this.#running.reverse()) {
      await part.stop().catch((error: unknown) => this.platform.log.warn({ err: error }, `cannot stop ${name}`));
    }
    await this.platform.close();
  }

  /** What is wrong, by part. */
  async faults(): Promise<Record<string, string>> {
    const faults: Record<string, string> = {};
    for (const { name, part } of this.#running) {
      const fault = part.fault?.();
      if (fault !== undefined) faults[name] = fault;
    }
    await this.platform.client.ping().catch((error: Error) => { faults['database'] = error.message.split('\n').at(-1) ?? 'does not answer'; });
    return faults;
  }
}

@Controller()
export class WorkerController {
  constructor(@Inject(WorkerService) private readonly worker: WorkerService) {}

  /** Alive: this process answers. Whoever restarts processes asks this. */
  @Get('healthz')
  health(): { status: 'ok' } {
    return { status: 'ok' };
  }

  /** Ready: it can do its work. */
  @Get('readyz')
  async ready(): Promise<{ status: 'ok' }> {
    const faults = await this.worker.faults();
    if (Object.keys(faults).length > 0) throw new HttpException({ status: 'not ready', faults }, 503);
    return { status: 'ok' };
  }

  @Get('metrics')
  @Header('content-type', 'text/plain; version=0.0.4; charset=utf-8')
  metrics(@Headers('authorization') authorization?: string): Promise<string> {
    const token = this.worker.platform.settings.metricsToken;
    if (token !== null && !isSame(authorization ?? '', `Bearer ${token}`)) throw new HttpException('A bearer token is needed.', 401);
    return this.worker.metrics.metrics();
  }
}

function isSame(left: string, right: string): boolean {
  return left.length === right.length && timingSafeEqual(Buffer.from(left), Buffer.from(right));
}

@Module({})
export class WorkerModule {
  static on(platform: Platform): DynamicModule {
    return { module: WorkerModule, providers: [{ provide: PLATFORM, useValue: platform }, WorkerService], controllers: [WorkerController] };
  }
}

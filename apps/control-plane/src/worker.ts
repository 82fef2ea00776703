// The worker process: carries out wishes (reconcile), samples stores, keeps house; health and metrics on WORKER_PORT.
//
// Invariant: instances outlive it. SIGTERM stops its own work only; a kill at any moment loses nothing that the next one does not find.
import 'reflect-metadata';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { openPlatform, SettingsFault } from './platform';
import { WorkerModule } from './worker/worker.module';

async function main(): Promise<void> {
  const platform = await openPlatform('worker');
  const { log, settings } = platform;
  const app = await NestFactory.create<NestFastifyApplication>(WorkerModule.on(platform), new FastifyAdapter(), { logger: ['error', 'warn'] });
  process.on('unhandledRejection', (error) => log.error({ err: error }, 'unhandled rejection'));
  const stop = (): void => {
    const late = setTimeout(() => process.exit(0), 3000);
    late.unref();
    app.close().then(() => process.exit(0), (error: unknown) => {
      log.error({ err: error }, 'cannot stop in order');
      process.exit(1);
    });
  };
  process.once('SIGTERM', stop).once('SIGINT', stop);
  await app.listen({ port: settings.workerPort, host: settings.bindAddress });
  log.info({ port: settings.workerPort }, 'worker is running');
}

main().catch((error: unknown) => {
  process.stderr.write(`${error instanceof SettingsFault ? error.message : error instanceof Error ? error.stack ?? error.message : String(error)}\n`);
  process.exit(1);
});

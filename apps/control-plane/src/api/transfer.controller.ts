// Data in and out, streamed: no file is ever whole in memory. In: an RDB, an append-only file, a data directory as a tar or a zip; out: an RDB, or a
// data directory as a tar.
//
//   POST /api/uploads?organizationId=…&fileName=…   application/octet-stream    → 201 { uploadId } | 4xx { error, reason? }
//   GET  /api/downloads/<ticket>                    → application/octet-stream
//
// Invariants: an upload is a mutation like any other (access, audit); a ticket is all that a download needs, and opens one backup or one second only.
import { Readable } from 'node:stream';
import { Controller, Get, Inject, Param, Post, Query, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { fromNodeId, toNodeId, type ByteStream, type Seed } from '@larder/plane-domain';
import { contextOf, fileNameOf, pointFileNameOf, type RequestContext } from '@larder/plane-graphql';
import { actorNameOf, actorOf } from '@larder/plane-identity';
import { ApiMetrics } from './api-metrics';
import type { ApiServices } from './api-services';
import { API } from './api-token';

/** Everything else is the file's: 422. */
const statusOfRefusal: Readonly<Record<string, number>> = { TooLarge: 413, NotSupported: 415, StorageFailed: 507 };
const statusOfCode: Readonly<Record<string, number>> = { UNAUTHENTICATED: 401, FORBIDDEN: 403 };

@Controller('api')
export class TransferController {
  constructor(@Inject(API) private readonly api: ApiServices, @Inject(ApiMetrics) private readonly metrics: ApiMetrics) {}

  @Post('uploads')
  async upload(
    @Req() request: FastifyRequest, @Res() reply: FastifyReply,
    @Query('organizationId') organizationNodeId: string | undefined, @Query('fileName') fileName: string | undefined,
  ): Promise<void> {
    const { plane, backups, platform } = this.api;
    const refuse = (status: number, error: string): FastifyReply => reply.code(status).header('connection', 'close').send({ error });
    let context: RequestContext;
    try {
      context = await contextOf(plane, request, undefined);
      context.requireViewer();
    } catch (error) {
      const { message, extensions } = error as { message: string; extensions?: { code?: string } };
      const status = statusOfCode[extensions?.code ?? ''];
      if (status === undefined) throw error;
      await refuse(status, message);
      return;
    }
    const viewer = context.requireViewer();
    const organizationId = fromNodeId(organizationNodeId ?? '', 'Organization');
    const access = organizationId === undefined ? 'not-found' : await context.access(organizationId, 'backup.import');
    const audit = (place: string | null, outcome: string, uploadId?: string): Promise<void> => plane.work.run((records) => records.auditLog.append({
      organizationId: place, actor: actorOf(viewer), actorName: actorNameOf(viewer), action: 'upload', ip: context.facts.ip, requestId: request.id,
      target: uploadId === undefined ? null : `Upload:${uploadId}`, targetName: cleanName(fileName), detail: {}, outcome,
    }));
    if (organizationId === undefined || access !== 'allowed') {
      // As with mutations: a foreign organisation does not learn of it.
      await audit(access === 'forbidden' ? organizationId ?? null : null, access === 'forbidden' ? 'FORBIDDEN' : 'NotFound');
      return void (await (access === 'forbidden' ? refuse(403, 'Not allowed: backup.import.') : refuse(404, 'There is no such organization.')));
    }
    if (!(request.body instanceof Readable)) return void (await refuse(415, 'Send the file as application/octet-stream.'));
    const bytesMax = platform.settings.uploadBytesMax;
    if (Number(request.headers['content-length'] ?? 0) > bytesMax) return void (await refuse(413, `The file is larger than ${bytesMax} bytes.`));
    if (backups.receiveUpload === null) return void (await refuse(503, 'Uploads are not available.'));
    const answer = await backups.receiveUpload({
      organizationId, fileName: cleanName(fileName), createdById: viewer.kind === 'user' ? viewer.user.id : null, bytesMax,
      // Whoever stops reading still answers: the connection ends with the answer, not before it.
      body: counted(request.body.iterator({ destroyOnReturn: false }) as AsyncIterable<Uint8Array>, (bytes) => this.metrics.transferBytes.inc({ direction: 'in' }, bytes)),
    });
    await audit(organizationId, answer.ok ? 'ok' : 'UploadRefused', answer.ok ? answer.uploadId : undefined);
    if (!answer.ok) return void (await reply.code(statusOfRefusal[answer.reason] ?? 422).header('connection', 'close').send({ error: answer.message, reason: answer.reason }));
    await reply.code(201).send({ uploadId: toNodeId('Upload', answer.uploadId) });
  }

  @Get('downloads/:ticket')
  async download(@Param('ticket') ticket: string, @Res() reply: FastifyReply): Promise<void> {
    const { plane, backups } = this.api;
    const claim = plane.downloads.verify(ticket, new Date(plane.clock.now()));
    const wanted = claim === undefined ? undefined : await this.locate(claim);
    if (wanted === undefined) return void (await reply.code(404).send({ error: 'This link is unknown or out of date.' }));
    if (backups.seeds === null) return void (await reply.code(503).send({ error: 'Downloads are not available.' }));
    const { organizationId, seed, fileName, rawBytes } = wanted;
    const isTar = fileName.endsWith('.tar');
    if (isTar && backups.exportLog === undefined) return void (await reply.code(503).send({ error: 'Downloads are not available.' }));
    const { body, sizeBytes } = isTar ? await backups.exportLog!(organizationId, seed) : { body: await backups.seeds.open(organizationId, seed), sizeBytes: rawBytes };
    reply.headers({
      'content-type': isTar ? 'application/x-tar' : 'application/octet-stream', 'content-disposition': `attachment; filename="${fileName}"`,
      ...(sizeBytes === null ? {} : { 'content-length': String(sizeBytes) }),
    });
    // A fault in the middle breaks the connection: with its length announced, no client takes half a file for a whole one.
    await reply.send(Readable.from(counted(body, (bytes) => this.metrics.transferBytes.inc({ direction: 'out' }, bytes))));
  }

  private async locate(
    { organizationId, backupId, format, instanceId, second }: Readonly<Record<string, string>>,
  ): Promise<{ readonly organizationId: string; readonly seed: Seed; readonly fileName: string; readonly rawBytes: number | null } | undefined> {
    const { records } = this.api.plane.work;
    if (organizationId === undefined) return undefined;
    if (instanceId !== undefined && second !== undefined) {
      const instance = await records.instances.byId(organizationId, instanceId);
      if (instance === undefined) return undefined;
      return { organizationId, seed: { kind: 'POINT', instanceId, second: Number(second) }, fileName: pointFileNameOf(instance.spec.name, Number(second)), rawBytes: null };
    }
    const row = backupId === undefined ? undefined : await records.backups.byId(organizationId, backupId);
    if (row === undefined || row.state !== 'COMPLETED') return undefined;
    return { organizationId, seed: { kind: 'BACKUP', backupId: row.id }, fileName: fileNameOf(row, format === 'AOF' ? 'AOF' : 'RDB'), rawBytes: row.rawSizeBytes };
  }
}

async function* counted(body: ByteStream, count: (bytes: number) => void): AsyncGenerator<Uint8Array> {
  for await (const chunk of body) {
    count(chunk.length);
    yield chunk;
  }
}

/** For people; never a path. */
function cleanName(name: string | undefined): string {
  return (name ?? '').replace(/[^\w. -]/g, '_').slice(0, 120) || 'upload.rdb';
}

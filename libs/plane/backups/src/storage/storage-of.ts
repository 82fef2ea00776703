// STORAGE_URL as a storage: file:/path or s3://bucket/prefix; LARDER_HOME/backups where not given.
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Settings } from '@larder/plane-domain';
import { FileStorage } from './file-storage';
import { S3Storage } from './s3-storage';
import type { SweptStorage } from './swept-storage';

export type StorageSettings = Pick<Settings, 'home' | 'storageUrl' | 's3Endpoint' | 's3Region' | 's3AccessKeyId' | 's3SecretAccessKey'>;

export function storageOf(settings: StorageSettings): SweptStorage {
  const { storageUrl, home } = settings;
  if (storageUrl === null) return new FileStorage({ root: path.resolve(home, 'backups') });
  const url = new URL(storageUrl);
  if (url.protocol === 'file:') return new FileStorage({ root: fileURLToPath(url) });
  return new S3Storage({
    bucket: url.hostname, prefix: url.pathname.replace(/^\/+|\/+$/g, ''), endpoint: settings.s3Endpoint, region: settings.s3Region,
    accessKeyId: settings.s3AccessKeyId ?? '', secretAccessKey: settings.s3SecretAccessKey ?? '',
  });
}

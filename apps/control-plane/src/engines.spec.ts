import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { installedEngines, otherEngines } from './engines';

const none = { redisCommand: null, valkeyCommand: null };

it('finds the programs of other engines in the path or where a setting says, and takes nothing that cannot be run', () => {
  const directory = mkdtempSync(path.join(tmpdir(), 'larder-engines-'));
  try {
    const file = path.join(directory, 'valkey-server');
    expect(otherEngines(none, directory)).toEqual({});
    writeFileSync(file, '#!/bin/sh\n', { mode: 0o644 });
    expect(otherEngines(none, directory)).toEqual({});
    chmodSync(file, 0o755);
    mkdirSync(path.join(directory, 'redis-server'));
    expect(otherEngines(none, `/nowhere:${directory}`)).toEqual({ VALKEY: file });
    expect(otherEngines({ ...none, redisCommand: file }, '')).toEqual({ REDIS: file });
    expect(installedEngines({ redisCommand: '/nowhere/redis-server', valkeyCommand: file })).toEqual(['LARDER', 'VALKEY']);
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
});

// The engines of others that are installed here: named by a setting, or found in the PATH. Looked for once, at start, by either process.
import { accessSync, constants, statSync } from 'node:fs';
import path from 'node:path';
import type { Engine, Settings } from '@larder/plane-domain';

type OtherEngine = Exclude<Engine, 'LARDER'>;
type Commands = Pick<Settings, 'redisCommand' | 'valkeyCommand'>;

export function otherEngines({ redisCommand, valkeyCommand }: Commands, searchPath = process.env['PATH'] ?? ''): Readonly<Partial<Record<OtherEngine, string>>> {
  const commands: readonly (readonly [OtherEngine, string])[] = [['REDIS', redisCommand ?? 'redis-server'], ['VALKEY', valkeyCommand ?? 'valkey-server']];
  return Object.fromEntries(commands.flatMap(([engine, command]) => {
    const file = command.includes('/') ? command : searchPath.split(path.delimiter).filter(Boolean).map((directory) => path.join(directory, command)).find(isProgram);
    return file !== undefined && isProgram(file) ? [[engine, file]] : [];
  }));
}

export function installedEngines(settings: Commands): readonly Engine[] {
  return ['LARDER', ...Object.keys(otherEngines(settings)) as OtherEngine[]];
}

function isProgram(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return statSync(file).isFile();
  } catch {
    return false;
  }
}

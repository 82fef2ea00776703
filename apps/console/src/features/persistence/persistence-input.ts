// The knobs as the API takes them: only those that the mode has, since it refuses one that would mean nothing.
import type { AppendFsync, Persistence, SavePointInput } from '@/data/generated/graphql';
import type { PersistenceValues } from './persistence-fields';
import { hasAppendLog, hasSnapshots, parseSavePoints } from './words';

export interface PersistenceInput {
  readonly persistence: Persistence;
  readonly appendFsync?: AppendFsync;
  readonly savePoints?: SavePointInput[];
}

export function persistenceInput({ persistence, appendFsync, savePoints }: PersistenceValues): PersistenceInput {
  return {
    persistence,
    ...(hasAppendLog(persistence) ? { appendFsync } : {}),
    // What cannot be read is sent as none, which the API refuses by name.
    ...(hasSnapshots(persistence) ? { savePoints: parseSavePoints(savePoints) ?? [] } : {}),
  };
}

// INFO as fields, and the four facts the loop decides upon.
import type { StoreInfo } from '@larder/plane-domain';

export function parseInfo(text: string): StoreInfo {
  const fields = new Map<string, string>();
  for (const line of text.split('\n')) {
    const colon = line.indexOf(':');
    if (colon > 0 && !line.startsWith('#')) fields.set(line.slice(0, colon), line.slice(colon + 1).trimEnd());
  }
  return {
    runId: fields.get('run_id') ?? '',
    version: fields.get('larder_version') ?? fields.get('redis_version') ?? '',
    role: fields.get('role') ?? '',
    isLoading: fields.get('loading') === '1' || fields.get('async_loading') === '1',
    fields,
  };
}

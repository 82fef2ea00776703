/**
 * Passwords that the API has just shown, for as long as this page lives and until the person says that they are kept. In memory
 * alone: they never reach storage, a URL or the query cache's devtools.
 */
import { useSyncExternalStore } from 'react';

export interface FreshCredentials {
  readonly username: string;
  readonly password: string;
  readonly uri?: string | null;
}

const byInstance = new Map<string, FreshCredentials>();
const listeners = new Set<() => void>();

export function keepFresh(instanceId: string, credentials: FreshCredentials): void {
  byInstance.set(instanceId, credentials);
  for (const listener of listeners) listener();
}

export function forgetFresh(instanceId: string): void {
  byInstance.delete(instanceId);
  for (const listener of listeners) listener();
}

export function useFreshCredentials(instanceId: string): FreshCredentials | undefined {
  return useSyncExternalStore(subscribe, () => byInstance.get(instanceId), () => undefined);
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** The two servers that are measured, in the order of the columns; persistence off, as redis-benchmark's own figures are told. */
import { startStore } from '@larder/shared-testing';
import type { Store, StoreKind } from '@larder/shared-testing';

export interface Contenders {
  readonly reference: Store;
  readonly target: Store;
}

export async function startContenders(kinds: readonly [StoreKind, StoreKind]): Promise<Contenders> {
  return { reference: await startStore({ kind: kinds[0] }), target: await startStore({ kind: kinds[1] }) };
}

export async function stopContenders(contenders: Contenders): Promise<void> {
  await Promise.all([contenders.reference.kill(), contenders.target.kill()]);
}

/** Alternates who goes first, so that neither always runs on the warmer machine. */
export function inTurn<T>(round: number, pair: readonly [T, T]): readonly [T, T] {
  return round % 2 === 0 ? pair : [pair[1], pair[0]];
}

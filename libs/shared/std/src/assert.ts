// What cannot happen stops the process. Expected failures are in the types (see result.ts), never here.

export class AssertionFault extends Error {
  override readonly name = 'AssertionFault';
}

export function assert(condition: unknown, message: string): asserts condition {
  if (!condition) throw new AssertionFault(message);
}

/** For the default branch of a switch over a union: the compiler refuses when a member was forgotten. */
export function unreachable(value: never, what = 'value'): never {
  throw new AssertionFault(`unexpected ${what}: ${JSON.stringify(value)}`);
}

// Passwords of people: argon2id, PHC strings, so that the cost lies in the row and can be raised.
//
// 19 MiB, two passes, one lane: OWASP's choice for argon2id. About 40 ms in WebAssembly, on the thread that answers requests; the
// buckets in front of sign-in (identity.ts) bound how often that happens.
import { randomBytes } from 'node:crypto';
import { argon2id, argon2Verify } from 'hash-wasm';

const cost = { iterations: 2, memorySize: 19_456, parallelism: 1, hashLength: 32, outputType: 'encoded' } as const;
const lengthMin = 10;
const lengthMax = 256;

/** What is wrong with it, or undefined. Length is what counts; composition rules only make people write them down. */
export function checkPassword(password: string): string | undefined {
  if (password.length < lengthMin) return `must have at least ${lengthMin} characters`;
  if (password.length > lengthMax) return `must have at most ${lengthMax} characters`;
  if (new Set(password).size < 4) return 'must not repeat so few characters';
  return undefined;
}

export function hashPassword(password: string): Promise<string> {
  return argon2id({ ...cost, password: password.normalize('NFKC'), salt: randomBytes(16) });
}

let decoy: Promise<string> | undefined;

/** With no hash (nobody by that name) it takes the same time and answers false. */
export async function verifyPassword(password: string, hash: string | undefined): Promise<boolean> {
  decoy ??= hashPassword(randomBytes(16).toString('hex'));
  const isRight = await argon2Verify({ password: password.slice(0, lengthMax).normalize('NFKC') || ' ', hash: hash ?? (await decoy) });
  return isRight && hash !== undefined;
}

// A key per intent: a form makes one when it opens and sends it with each try, so that a repeated click or a lost answer does not
// make two of a thing.
export function newIdempotencyKey(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return `console-${Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('')}`;
}

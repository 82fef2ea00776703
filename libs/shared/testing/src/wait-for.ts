/**
 * Waits for a condition instead of sleeping: asks again and again, first quickly, then every 50 ms,
 * and after the limit fails saying what was waited for and what was seen last.
 */
export async function waitFor<T>(
  what: string,
  condition: () => T | undefined | null | false | Promise<T | undefined | null | false>,
  timeoutMs = 10_000,
): Promise<T> {
  const deadline = Date.now() + timeoutMs;
  let pauseMs = 1;
  let lastError: unknown;
  for (;;) {
    try {
      const answer = await condition();
      if (answer !== undefined && answer !== null && answer !== false) return answer;
      lastError = undefined;
    } catch (error) {
      lastError = error;
    }
    if (Date.now() >= deadline) {
      const seen = lastError === undefined ? '' : `; last error: ${String(lastError)}`;
      throw new Error(`waited ${timeoutMs} ms in vain for ${what}${seen}`);
    }
    await new Promise((wake) => setTimeout(wake, pauseMs));
    pauseMs = Math.min(50, pauseMs * 2);
  }
}

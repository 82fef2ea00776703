// Sizes and spans in the spelling of redis.conf: `100mb` is 1024-based, `100m` is 1000-based.

export const kibibyte = 1024;
export const mebibyte = 1024 * 1024;
export const gibibyte = 1024 * 1024 * 1024;

export const secondMs = 1000;
export const minuteMs = 60 * secondMs;
export const hourMs = 60 * minuteMs;
export const dayMs = 24 * hourMs;

const byteFactors: Readonly<Record<string, number>> = {
  '': 1, b: 1, k: 1000, kb: kibibyte, m: 1e6, mb: mebibyte, g: 1e9, gb: gibibyte,
};

/** Bytes of `1gb`, `512MB`, `100`, … or undefined where the text is not a size that a double can hold exactly. */
export function parseBytes(text: string): number | undefined {
  const match = /^(\d+)([a-z]*)$/i.exec(text);
  const factor = byteFactors[match?.[2]?.toLowerCase() ?? '?'];
  if (!match || factor === undefined) return undefined;
  const bytes = Number(match[1]) * factor;
  return Number.isSafeInteger(bytes) ? bytes : undefined;
}

/** For people: `1.5 MiB`. */
export function formatBytes(bytes: number): string {
  const names = ['B', 'KiB', 'MiB', 'GiB', 'TiB'];
  let value = bytes;
  let step = 0;
  while (value >= 1024 && step < names.length - 1) {
    value /= 1024;
    step += 1;
  }
  return `${step === 0 ? String(value) : value.toFixed(1).replace(/\.0$/, '')} ${names[step]!}`;
}

// The top of an axis: the next round figure above the data, round as people count what is shown.
export function axisTop(most: number, kind: 'count' | 'bytes' | 'ratio'): number {
  if (kind === 'ratio') return 1;
  if (kind === 'bytes') return Math.max(1024 ** 2, 2 ** Math.ceil(Math.log2(most * 1.05 || 1)));
  const magnitude = 10 ** Math.floor(Math.log10(most || 1));
  const step = [1, 2, 4, 6, 8, 10].find((each) => each * magnitude >= most) ?? 10;
  return Math.max(2, step * magnitude);
}

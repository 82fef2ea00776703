// The timeline as parts of a line: where they begin and end in hundredths, what can be restored, what is missing. Pure.
export interface Span {
  readonly from: number;
  readonly to: number;
}
export interface Part {
  readonly kind: 'window' | 'gap';
  readonly startPercent: number;
  readonly widthPercent: number;
}

/** Nobody finds a gap of a second in a line of days: so wide at least. */
const widthMin = 0.4;

export function secondOf(at: string): number {
  return Math.floor(Date.parse(at) / 1000);
}

export function isoOf(second: number): string {
  return new Date(second * 1000).toISOString();
}

export function partsOf(windows: readonly Span[], gaps: readonly Span[], whole: Span): Part[] {
  const length = Math.max(1, whole.to - whole.from + 1);
  const part = (kind: Part['kind'], { from, to }: Span): Part => {
    const start = Math.max(whole.from, from);
    const startPercent = ((start - whole.from) / length) * 100;
    const widthPercent = Math.max(widthMin, ((Math.min(whole.to, to) - start + 1) / length) * 100);
    return { kind, startPercent: Math.min(startPercent, 100 - widthPercent), widthPercent };
  };
  return [...windows.map((window) => part('window', window)), ...gaps.map((gap) => part('gap', gap))];
}

/** From the first second that can be restored to the last one that is known of. */
export function wholeOf(windows: readonly Span[], gaps: readonly Span[]): Span | undefined {
  const [first, last] = [windows[0], windows.at(-1)];
  return first === undefined || last === undefined ? undefined : { from: first.from, to: Math.max(last.to, ...gaps.map(({ to }) => to)) };
}

export function isIn(spans: readonly Span[], second: number): boolean {
  return spans.some(({ from, to }) => from <= second && second <= to);
}

/** As an input of type datetime-local wants it: local time with seconds. */
export function localOf(second: number): string {
  const at = new Date(second * 1000);
  const two = (value: number): string => String(value).padStart(2, '0');
  return `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())}T${two(at.getHours())}:${two(at.getMinutes())}:${two(at.getSeconds())}`;
}

export function fromLocal(text: string): number | undefined {
  const ms = Date.parse(text);
  return Number.isNaN(ms) ? undefined : Math.floor(ms / 1000);
}

/**
 * Sorts just so far that the first `wanted` of a list are the right ones in the right order. Equal elements change places in
 * the same way as in Redis' sort (Bentley and McIlroy, "Engineering a Sort Function"), since their order can be seen.
 */
export function sortFirst<T>(list: T[], wanted: number, compare: (a: T, b: T) => number): void {
  sortPart(list, 0, list.length, wanted, compare);
}

const INSERTION_MAX = 6;
const NINTHER_MIN = 41;

function sortPart<T>(list: T[], from: number, count: number, wanted: number, compare: (a: T, b: T) => number): void {
  for (;;) {
    if (count <= INSERTION_MAX) {
      for (let i = from + 1; i < from + count; i++) {
        for (let j = i; j > from && compare(list[j - 1]!, list[j]!) > 0; j--) swap(list, j, j - 1);
      }
      return;
    }
    swap(list, from, pivotOf(list, from, count, compare));
    // Equal ones gather at both ends: [from, equalEnd) and (equalStart, last].
    let equalEnd = from + 1;
    let low = from + 1;
    let high = from + count - 1;
    let equalStart = high;
    for (;;) {
      let order: number;
      while (low <= high && (order = compare(list[low]!, list[from]!)) <= 0) {
        if (order === 0) swap(list, equalEnd++, low);
        low++;
      }
      while (low <= high && (order = compare(list[high]!, list[from]!)) >= 0) {
        if (order === 0) swap(list, high, equalStart--);
        high--;
      }
      if (low > high) break;
      swap(list, low++, high--);
    }
    const end = from + count;
    const below = low - equalEnd;
    const above = equalStart - high;
    swapRanges(list, from, low, Math.min(equalEnd - from, below));
    swapRanges(list, low, end, Math.min(above, end - equalStart - 1));
    if (below > 1) sortPart(list, from, below, wanted, compare);
    if (above <= 1 || wanted <= end - above) return;
    from = end - above;
    count = above;
  }
}

/** Exchanges `count` elements from `start` on with those before `end`. */
function swapRanges<T>(list: T[], start: number, end: number, count: number): void {
  for (let i = 0; i < count; i++) swap(list, start + i, end - count + i);
}

function pivotOf<T>(list: readonly T[], from: number, count: number, compare: (a: T, b: T) => number): number {
  let middle = from + (count >> 1);
  if (count === INSERTION_MAX + 1) return middle;
  let first = from;
  let last = from + count - 1;
  if (count >= NINTHER_MIN) {
    const eighth = count >> 3;
    first = median(list, first, first + eighth, first + 2 * eighth, compare);
    middle = median(list, middle - eighth, middle, middle + eighth, compare);
    last = median(list, last - 2 * eighth, last - eighth, last, compare);
  }
  return median(list, first, middle, last, compare);
}

function median<T>(list: readonly T[], a: number, b: number, c: number, compare: (a: T, b: T) => number): number {
  const order = (i: number, j: number): number => compare(list[i]!, list[j]!);
  if (order(a, b) < 0) return order(b, c) < 0 ? b : order(a, c) < 0 ? c : a;
  return order(b, c) > 0 ? b : order(a, c) < 0 ? a : c;
}

function swap<T>(list: T[], i: number, j: number): void {
  const held = list[i]!;
  list[i] = list[j]!;
  list[j] = held;
}

// The front door of @larder/shared-std: words without a domain.
export { type Clock, type Timer, delay, systemClock } from './clock';
export { type Random, systemRandom } from './random';
export { type Ids, uuidV7 } from './ids';
export { AssertionFault, assert, unreachable } from './assert';
export {
  kibibyte, mebibyte, gibibyte, secondMs, minuteMs, hourMs, dayMs, parseBytes, formatBytes,
} from './units';
export { type Ok, type Err, type Result, ok, err } from './result';

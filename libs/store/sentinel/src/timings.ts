/** The periods of a Sentinel in milliseconds, in the order of SENTINEL DEBUG, which shows and changes them. */
export const defaultTimings = {
  'info-period': 10_000,
  'ping-period': 1000,
  'ask-period': 1000,
  'publish-period': 2000,
  'default-down-after': 30_000,
  'default-failover-timeout': 180_000,
  'tilt-trigger': 2000,
  'tilt-period': 30_000,
  'slave-reconf-timeout': 10_000,
  'min-link-reconnect-period': 15_000,
  'election-timeout': 10_000,
  'script-max-runtime': 60_000,
  'script-retry-delay': 30_000,
};

export type TimingName = keyof typeof defaultTimings;
export type Timings = Record<TimingName, number>;

export const timingNames = Object.keys(defaultTimings) as TimingName[];

/** Beyond that an epoch could not be counted on from, which would end all elections: whoever names such a one is not listened to. */
const EPOCH_MAX = 2 ** 52;

export function isEpoch(epoch: number): boolean {
  return Number.isSafeInteger(epoch) && epoch <= EPOCH_MAX;
}

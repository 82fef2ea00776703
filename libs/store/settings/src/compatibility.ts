/**
 * Which redis-server Larder stands in for. Tools and test harnesses match these exact words: INFO's
 * `redis_version`, the first line of `--version`, and the banner of a fatal configuration error.
 */

export const COMPATIBLE_REDIS_VERSION = '7.0.15';

/** The one line that `--version` prints. Tools cut the version out between `v=` and the next blank. */
export function versionLine(buildId = '0'): string {
  return `Redis server v=${COMPATIBLE_REDIS_VERSION} sha=00000000:0 malloc=larder bits=64 build=${buildId}\n`;
}

/** What `--help` prints to standard error before it exits 1. */
export const USAGE = `Usage: larder-server [/path/to/redis.conf] [--directive value ...] [-]

  larder-server                                   every setting at its default
  larder-server /etc/redis/redis.conf             settings from a file
  larder-server /etc/redis/redis.conf --port 7777 a directive given here wins over the file
  echo 'maxmemory 128mb' | larder-server -        settings from standard input
  larder-server /etc/sentinel.conf --sentinel     the Sentinel role
  larder-server -v | --version
  larder-server -h | --help
  larder-server --test-memory <megabytes>
  larder-server --check-system
`;

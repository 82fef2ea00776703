/**
 * The log in Redis' line format, which supervisors and test harnesses read:
 *
 *   12345:M 22 Nov 2026 16:20:00.123 * Ready to accept connections
 *   pid:role  local time              level mark
 */
import { appendFileSync, writeSync } from 'node:fs';
import type { Settings } from '@larder/store-settings';

export type LogLevel = 'debug' | 'verbose' | 'notice' | 'warning';
const ORDER: readonly LogLevel[] = ['debug', 'verbose', 'notice', 'warning'];
const MARKS: Record<LogLevel, string> = { debug: '.', verbose: '-', notice: '*', warning: '#' };
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

export class Log {
  private readonly settings: Settings;
  /** X sentinel, C child or configuration, S replica, M primary. */
  role: 'X' | 'C' | 'S' | 'M' = 'M';

  constructor(settings: Settings) {
    this.settings = settings;
  }

  debug(message: string): void {
    this.write('debug', message);
  }

  verbose(message: string): void {
    this.write('verbose', message);
  }

  notice(message: string): void {
    this.write('notice', message);
  }

  warning(message: string): void {
    this.write('warning', message);
  }

  private write(level: LogLevel, message: string): void {
    const wanted = this.settings.text('loglevel') as LogLevel;
    if (ORDER.indexOf(level) < ORDER.indexOf(wanted)) return;
    const line = `${process.pid}:${this.role} ${timestamp(new Date())} ${MARKS[level]} ${message}\n`;
    const file = this.settings.path('logfile');
    try {
      if (file === '') writeSync(1, line);
      else appendFileSync(file, line);
    } catch {
      // A full disk or a closed pipe must not take the server down: the line is lost, as in Redis.
    }
  }
}

function timestamp(at: Date): string {
  const two = (n: number) => String(n).padStart(2, '0');
  const clock = `${two(at.getHours())}:${two(at.getMinutes())}:${two(at.getSeconds())}.${String(at.getMilliseconds()).padStart(3, '0')}`;
  return `${two(at.getDate())} ${MONTHS[at.getMonth()]!} ${at.getFullYear()} ${clock}`;
}

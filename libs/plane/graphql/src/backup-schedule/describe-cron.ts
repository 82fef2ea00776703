// A recurrence in words, for the common shapes; others are given as they are. Pure; the recurrence has been checked.

const weekdays = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday', 'Sunday'];
const months = ['January', 'February', 'March', 'April', 'May', 'June', 'July', 'August', 'September', 'October', 'November', 'December'];

export function describeCron(cron: string): string {
  const [minute = '', hour = '', day = '', month = '', weekday = ''] = cron.trim().split(/\s+/);
  const when = timeOf(minute, hour);
  if (when === undefined) return `by the rule ${cron.trim()}`;
  const isDaily = hour !== '*' && !hour.startsWith('*/');
  if (!isDaily) return day === '*' && month === '*' && weekday === '*' ? when : `by the rule ${cron.trim()}`;
  if (day === '*' && month === '*' && weekday === '*') return `every day at ${when}`;
  if (day === '*' && month === '*') {
    if (weekday === '1-5') return `every weekday at ${when}`;
    const names = namesOf(weekday, weekdays);
    if (names !== undefined) return `every ${names} at ${when}`;
  }
  if (/^\d+$/.test(day) && weekday === '*') {
    if (month === '*') return `on day ${day} of every month at ${when}`;
    const name = /^\d+$/.test(month) ? months[Number(month) - 1] : undefined;
    if (name !== undefined) return `every year on ${name} ${day} at ${when}`;
  }
  return `by the rule ${cron.trim()}`;
}

function timeOf(minute: string, hour: string): string | undefined {
  if (/^\d+$/.test(minute) && /^\d+$/.test(hour)) return `${hour.padStart(2, '0')}:${minute.padStart(2, '0')}`;
  if (/^\d+$/.test(minute) && hour === '*') return `every hour at ${minute} minutes past`;
  if (/^\d+$/.test(minute) && hour.startsWith('*/')) return `every ${hour.slice(2)} hours at ${minute} minutes past`;
  if (minute === '*' && hour === '*') return 'every minute';
  if (minute.startsWith('*/') && hour === '*') return `every ${minute.slice(2)} minutes`;
  return undefined;
}

function namesOf(list: string, names: readonly string[]): string | undefined {
  const parts = list.split(',').map((part) => (/^\d$/.test(part) ? names[Number(part)] : undefined));
  return parts.every((part) => part !== undefined) ? parts.join(', ') : undefined;
}

/** How events name an instance, and who is told of them beside subscribers: the operator's scripts. */
import type { Address } from './address';
import type { EventLevel } from './hands';
import type { Instance, Primary } from './instance';
import type { Sentinel } from './sentinel';

/**
 *   master NAME IP PORT
 *   slave NAME IP PORT @ PRIMARY IP PORT
 */
export function instanceText(sentinel: Sentinel, instance: Instance): string {
  const own = `${instance.kind} ${instance.name} ${sentinel.shownHost(instance.address)} ${instance.address.port}`;
  if (instance.kind === 'master') return own;
  const { primary } = instance;
  return `${own} @ ${primary.name} ${sentinel.shownHost(primary.address)} ${primary.address.port}`;
}

export function tell(sentinel: Sentinel, level: EventLevel, channel: string, primary: Primary | undefined, message: string): void {
  sentinel.hands.event(level, channel, message);
  if (level === 'warning' && primary !== undefined && primary.notificationScript !== '') sentinel.scripts.schedule([primary.notificationScript, channel, message]);
}

/** client-reconfig-script: name, role, state, from, to. */
export function callReconfigScript(sentinel: Sentinel, primary: Primary, role: 'leader' | 'observer', from: Address, to: Address): void {
  if (primary.clientReconfigScript === '') return;
  const place = (address: Address) => [sentinel.shownHost(address), String(address.port)];
  sentinel.scripts.schedule([primary.clientReconfigScript, primary.name, role, 'start', ...place(from), ...place(to)]);
}

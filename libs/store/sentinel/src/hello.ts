/**
 * Hello messages: how Sentinels of the same primary find each other and learn of a newer configuration. Each is published to
 * the hello channel of every server, and to every other Sentinel directly, every two seconds:
 *
 *   ip,port,id,current epoch,primary's name,its ip,its port,its configuration's epoch
 *
 * A configuration with a greater epoch replaces ours: that is all that switches the primary on Sentinels that did not lead.
 */
import { callReconfigScript, tell } from './events';
import type { Instance, Primary } from './instance';
import { Peer } from './instance';
import { isEpoch } from './timings';
import { HELLO_CHANNEL } from './monitor';
import type { Sentinel } from './sentinel';

export function sendHello(sentinel: Sentinel, instance: Instance): void {
  if (instance.link.isDisconnected) return;
  const { primary } = instance;
  const ip = sentinel.announceIp !== '' ? sentinel.announceIp : sentinel.hands.localAddress(instance.link.commands);
  if (ip === undefined) return;
  const port = sentinel.announcePort !== 0 ? sentinel.announcePort : sentinel.hands.listeningPort();
  const { currentAddress } = primary;
  const hello = [ip, port, sentinel.id, sentinel.currentEpoch, primary.name, sentinel.shownHost(currentAddress), currentAddress.port, primary.configEpoch].join(',');
  sentinel.ask(instance, ['PUBLISH', HELLO_CHANNEL, hello], (answer) => {
    if (answer.type !== 'error') instance.publishedAt = sentinel.now();
  });
}

/** To all, at their next tick. */
export function forceHello(sentinel: Sentinel, primary: Primary): void {
  for (const instance of primary.everyone()) instance.publishedAt -= sentinel.timings['publish-period'] + 1;
}

interface Hello {
  host: string;
  port: number;
  id: string;
  currentEpoch: number;
  primaryName: string;
  primaryHost: string;
  primaryPort: number;
  configEpoch: number;
}

/** undefined for what is no hello. */
export function readHello(text: string): Hello | undefined {
  const parts = text.split(',');
  if (parts.length !== 8) return undefined;
  const [host, port, id, currentEpoch, primaryName, primaryHost, primaryPort, configEpoch] = parts as [string, string, string, string, string, string, string, string];
  const toInt = (digits: string) => Number.parseInt(digits, 10) || 0;
  const hello = { host, port: toInt(port), id, currentEpoch: toInt(currentEpoch), primaryName, primaryHost, primaryPort: toInt(primaryPort), configEpoch: toInt(configEpoch) };
  return isEpoch(hello.currentEpoch) && isEpoch(hello.configEpoch) ? hello : undefined;
}

export function receiveHello(sentinel: Sentinel, text: string): void {
  const hello = readHello(text);
  const primary = hello && sentinel.primaries.get(hello.primaryName);
  if (hello === undefined || primary === undefined || hello.id === sentinel.id) return;
  const peer = sentinel.findPeer(primary, hello.id, hello.host, hello.port) ?? meet(sentinel, primary, hello);
  if (hello.currentEpoch > sentinel.currentEpoch) {
    sentinel.currentEpoch = hello.currentEpoch;
    sentinel.persist();
    tell(sentinel, 'warning', '+new-epoch', primary, String(sentinel.currentEpoch));
  }
  if (peer === undefined) return;
  if (primary.configEpoch < hello.configEpoch) {
    primary.configEpoch = hello.configEpoch;
    // What we hold for the primary may be the one that our own failover has promoted: another's later choice ends that failover.
    const { currentAddress } = primary;
    if (hello.primaryPort !== currentAddress.port || !sentinel.isHostOf(currentAddress, hello.primaryHost)) switchTo(sentinel, primary, peer, hello);
    else sentinel.persist();
  }
  peer.helloAt = sentinel.now();
}

function switchTo(sentinel: Sentinel, primary: Primary, from: Peer, hello: Hello): void {
  const { address } = primary;
  sentinel.event('warning', '+config-update-from', from);
  tell(sentinel, 'warning', '+switch-master', primary, `${primary.name} ${sentinel.shownHost(address)} ${address.port} ${hello.primaryHost} ${hello.primaryPort}`);
  sentinel.switchAddress(primary, hello.primaryHost, hello.primaryPort);
  callReconfigScript(sentinel, primary, 'observer', address, primary.address);
}

/** A Sentinel that we do not know, or not under this address. */
function meet(sentinel: Sentinel, primary: Primary, hello: Hello): Peer | undefined {
  const hasMoved = sentinel.removePeer(primary, hello.id);
  if (hasMoved) sentinel.event('notice', '+sentinel-address-switch', primary, ` ip ${hello.host} port ${hello.port} for ${hello.id}`);
  else {
    const other = sentinel.findPeer(primary, undefined, hello.host, hello.port);
    if (other !== undefined) {
      // Another one used to have this address: it is gone.
      sentinel.event('notice', '+sentinel-invalid-addr', other);
      for (const each of sentinel.primaries.values()) sentinel.removePeer(each, other.runId!);
    }
  }
  const peer = sentinel.addPeer(primary, hello.host, hello.port, hello.id);
  if (typeof peer === 'string') return undefined;
  if (!hasMoved) sentinel.event('notice', '+sentinel', peer);
  else sentinel.moveTwins(peer);
  sentinel.persist();
  return peer;
}

// The Sentinels that watch an instance, its own or its organization's, and the name under which they do.
import { memberKindOf, primarySetName, systemUsername, type InstanceRow, type StoreAddress } from '@larder/plane-domain';
import { hostAndPort, systemPasswordOf, type PassContext } from '../pass-context';

export interface SentinelDoor {
  readonly name: string;
  readonly memberId: string;
  readonly port: number;
  readonly hasStarted: boolean;
  readonly address: StoreAddress;
  /** Under which it watches the instance. */
  readonly setName: string;
}

export interface Watch {
  readonly setName: string;
  readonly sentinels: readonly SentinelDoor[];
  /** Of the control plane itself, on the Sentinels. */
  readonly systemPassword: string;
}

export function isSharing({ instance: { spec } }: Pick<PassContext, 'instance'>): boolean {
  return spec.topology === 'HA' && spec.sentinels === 'ORGANIZATION';
}

/** Sentinels of its own know one name. Others' clients must not be able to guess this one, and it stays over a change of the instance's name. */
export function setNameOf({ id, spec }: Pick<InstanceRow, 'id' | 'spec'>): string {
  return spec.sentinels === 'ORGANIZATION' ? id : primarySetName;
}

export function sentinelsOf(context: PassContext): Watch {
  const owner = isSharing(context) ? context.sentinelGroup : context;
  const setName = setNameOf(context.instance);
  if (owner === null) return { setName, sentinels: [], systemPassword: '' };
  const password = systemPasswordOf(context.ports, owner.instance);
  return {
    setName, systemPassword: password,
    sentinels: owner.members.filter(({ name }) => memberKindOf(name) === 'SENTINEL').map((member) => ({
      name: member.name, memberId: member.id, port: member.port, hasStarted: member.startedAt !== null, setName,
      address: { ...hostAndPort(context, member), username: systemUsername, password },
    })),
  };
}

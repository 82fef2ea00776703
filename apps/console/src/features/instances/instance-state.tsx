'use client';
import type { InstanceState } from '@/data/generated/graphql';
import { Badge, type Tone } from '@/ui/badge';

const faces: Readonly<Record<InstanceState, readonly [tone: Tone, word: string]>> = {
  CREATING: ['busy', 'Creating'],
  READY: ['good', 'Ready'],
  UPDATING: ['busy', 'Updating'],
  DEGRADED: ['bad', 'Degraded'],
  DELETING: ['warn', 'Deleting'],
  DELETED: ['idle', 'Deleted'],
};

export function InstanceStateBadge({ state }: { readonly state: InstanceState }) {
  const [tone, word] = faces[state];
  return <Badge tone={tone} isPulsing={tone === 'busy' || state === 'DELETING'}>{word}</Badge>;
}

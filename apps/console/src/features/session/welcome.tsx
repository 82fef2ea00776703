'use client';
import { useState } from 'react';
import { Text } from '@/ui/blocks';
import { Button } from '@/ui/button';
import { CreateOrganization } from '../shell/create-organization';
import { Door } from './door';

/** For someone who belongs to no organisation. */
export function Welcome() {
  const [isCreating, setCreating] = useState(false);
  return (
    <Door title="Welcome to Larder" lead="You belong to no organisation yet.">
      <Text isSpaced>Instances, backups and people belong to one. Make your own, or ask for an invitation.</Text>
      <Button onClick={() => setCreating(true)}>New organisation</Button>
      {isCreating && <CreateOrganization onClose={() => setCreating(false)} />}
    </Door>
  );
}

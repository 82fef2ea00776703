'use client';
import { useState } from 'react';
import { Button, Stack, Text } from '@mantine/core';
import { Dialog } from './dialog';
import { FormAlert, FormFoot } from './form';

interface ConfirmProps {
  readonly title: string;
  readonly text: string;
  readonly verb: string;
  readonly act: () => Promise<{ readonly __typename: string }>;
  readonly onClose: () => void;
}

/** Asks once; stays open with the reason when the deed is refused. */
export function Confirm({ title, text, verb, act, onClose }: ConfirmProps) {
  const [fault, setFault] = useState<string>();
  const [isBusy, setBusy] = useState(false);
  const run = async (): Promise<void> => {
    setBusy(true);
    try {
      const result = await act();
      if (result.__typename.endsWith('Payload')) onClose();
      else setFault((result as unknown as { message: string }).message);
    } catch (error) {
      setFault((error as Error).message);
    } finally {
      setBusy(false);
    }
  };
  return (
    <Dialog isOpen onClose={onClose} title={title}>
      <Stack>
        <Text size="sm">{text}</Text>
        <FormAlert>{fault}</FormAlert>
        <FormFoot>
          <Button variant="default" onClick={onClose}>Cancel</Button>
          <Button color="red" loading={isBusy} onClick={() => void run()}>{verb}</Button>
        </FormFoot>
      </Stack>
    </Dialog>
  );
}

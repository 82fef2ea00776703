'use client';
import { useState, type ReactNode } from 'react';
import { Stack, Text } from './blocks';
import { Button } from './button';
import { Dialog } from './dialog';
import { FormAlert, FormFoot } from './form';

interface ConfirmProps {
  readonly title: string;
  readonly text: string;
  readonly verb: string;
  readonly act: () => Promise<{ readonly __typename: string }>;
  readonly onClose: () => void;
  readonly tone?: 'danger' | 'usual';
  /** Below the text: what it costs, what it needs. */
  readonly children?: ReactNode;
}

/** Asks once; stays open with the reason when the deed is refused. */
export function Confirm({ title, text, verb, act, onClose, tone = 'danger', children }: ConfirmProps) {
  const [fault, setFault] = useState<ReactNode>();
  const [isBusy, setBusy] = useState(false);
  const run = async (): Promise<void> => {
    setBusy(true);
    try {
      const result = await act();
      if (result.__typename.endsWith('Payload')) onClose();
      else setFault(<Refused kind={result.__typename} message={(result as unknown as { message: string }).message} />);
    } catch (error) {
      setFault((error as Error).message);
    } finally {
      setBusy(false);
    }
  };
  return (
    <Dialog isOpen onClose={onClose} title={title}>
      <Stack>
        <Text>{text}</Text>
        {children}
        <FormAlert>{fault}</FormAlert>
        <FormFoot>
          <Button variant="default" onClick={onClose}>Cancel</Button>
          <Button color={tone === 'danger' ? 'red' : undefined} loading={isBusy} onClick={() => void run()}>{verb}</Button>
        </FormFoot>
      </Stack>
    </Dialog>
  );
}

/** What kind of no it is; the sentence says why. */
const kinds: Readonly<Record<string, string>> = {
  InvalidState: 'Not now', NotInSync: 'Not in sync', QuotaExceeded: 'Over the quota', RevisionConflict: 'Changed meanwhile', NotFound: 'Gone', NotSupportedYet: 'Not available yet',
  IdempotencyConflict: 'Asked before', DeletionProtected: 'Protected', NotCancelable: 'Too late', InvalidInput: 'Not possible so',
};

function Refused({ kind, message }: { readonly kind: string; readonly message: string }) {
  return <><strong>{kinds[kind] ?? 'Refused'}.</strong> {message}</>;
}

// A field to connect to a node by its address.

import { useMutation, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, type ReactNode, useState } from 'react';
import { Button } from '../../components/button.tsx';
import { Field } from '../../components/field.tsx';
import { Fault, Notice } from '../../components/notice.tsx';
import { useClient } from '../../data/app-context.tsx';
import { addPeer } from '../../data/network-queries.ts';
import { plainText } from '../../format/short-text.ts';
import { useMessages } from '../../i18n/messages.tsx';

/** What names and addresses of machines consist of, and a port: anything else is a slip of the hand. */
const MACHINE = /^[\w.-]+(?::\d+)?$|^\[?[0-9a-f:.]+(?:%\w+)?\]?(?::\d+)?$/i;

/** The field. */
export function AddPeer(): ReactNode {
  const { network } = useMessages();
  const client = useClient();
  const queries = useQueryClient();
  const [address, setAddress] = useState('');
  const [isFaulty, setFaulty] = useState(false);
  const add = useMutation({
    mutationFn: (wanted: string) => addPeer(client, wanted),
    onSuccess: async () => {
      setAddress('');
      await queries.invalidateQueries({ queryKey: ['peers'] });
    },
  });
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    const wanted = address.trim();
    setFaulty(!MACHINE.test(wanted));
    if (MACHINE.test(wanted)) add.mutate(wanted);
  };
  return (
    <form className="stack" onSubmit={submit}>
      <Field
        label={network.addPeer}
        hint={network.addPeerHelp}
        fault={isFaulty ? network.addPeerFault : null}
        value={address}
        isMono
        onChange={(text) => {
          setAddress(text);
          setFaulty(false);
        }}
      >
        <Button type="submit" icon="plus" isDisabled={add.isPending || address.trim() === ''}>
          {network.add}
        </Button>
      </Field>
      {add.isSuccess && <Notice>{network.added(plainText(add.variables, 80))}</Notice>}
      {add.error !== null && <Fault error={add.error} />}
    </form>
  );
}

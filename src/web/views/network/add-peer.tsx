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

/** The field. */
export function AddPeer(): ReactNode {
  const { network } = useMessages();
  const client = useClient();
  const queries = useQueryClient();
  const [address, setAddress] = useState('');
  const add = useMutation({
    mutationFn: (wanted: string) => addPeer(client, wanted),
    onSuccess: async () => {
      setAddress('');
      await queries.invalidateQueries({ queryKey: ['peers'] });
    },
  });
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    if (address.trim() !== '') add.mutate(address.trim());
  };
  return (
    <form className="stack" onSubmit={submit}>
      <Field label={network.addPeer} hint={network.addPeerHelp} value={address} isMono onChange={setAddress}>
        <Button type="submit" icon="plus" isDisabled={add.isPending || address.trim() === ''}>
          {network.add}
        </Button>
      </Field>
      {add.isSuccess && <Notice>{network.added(plainText(add.variables, 80))}</Notice>}
      {add.error !== null && <Fault error={add.error} />}
    </form>
  );
}

// Receiving: an address with its code and link, and all addresses that were given out.

import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, type ReactNode, useState } from 'react';
import { Answer } from '../../components/answer.tsx';
import { Button } from '../../components/button.tsx';
import { Field } from '../../components/field.tsx';
import { Section } from '../../components/layout.tsx';
import { useClient } from '../../data/app-context.tsx';
import {
  ADDRESS_TYPES,
  type AddressType,
  createTypedAddress,
  type GivenAddress,
  givenAddressesQuery,
} from '../../data/wallet-addresses.ts';
import { useMessages } from '../../i18n/messages.tsx';
import { AddressCard } from './address-card.tsx';
import { AddressList } from './address-list.tsx';
import { Choice } from './choice.tsx';
import { useWallet } from './wallet-context.tsx';
import { WalletFault } from './wallet-fault.tsx';

/** The page to receive at. */
export function ReceivePage(): ReactNode {
  const { wallet: texts } = useMessages();
  const { name } = useWallet();
  const given = useQuery(givenAddressesQuery(useClient(), name));
  const [chosen, setChosen] = useState<string | null>(null);
  return (
    <Answer of={given}>
      {(addresses) => {
        const shown = findShown(addresses, chosen);
        return (
          <>
            <Section title={texts.receive.title} help={texts.receive.help}>
              {shown !== null && <AddressCard key={shown.address} given={shown} />}
              <NewAddress isFirst={shown === null} onCreated={setChosen} />
            </Section>
            <Section title={texts.receive.earlier} help={texts.receive.earlierHelp}>
              <AddressList addresses={addresses} shown={shown?.address ?? null} onChosen={setChosen} />
            </Section>
          </>
        );
      }}
    </Answer>
  );
}

/** The address that was chosen, else one that nobody has paid yet. */
function findShown(addresses: readonly GivenAddress[], chosen: string | null): GivenAddress | null {
  if (chosen !== null) {
    const known = addresses.find(({ address }) => address === chosen);
    return known ?? { address: chosen, label: '', receivedSat: 0, paymentCount: 0 };
  }
  return addresses.find(({ paymentCount }) => paymentCount === 0) ?? null;
}

interface NewAddressProps {
  readonly isFirst: boolean;
  readonly onCreated: (address: string) => void;
}

function NewAddress({ isFirst, onCreated }: NewAddressProps): ReactNode {
  const { wallet: texts, common } = useMessages();
  const { name } = useWallet();
  const client = useClient();
  const queries = useQueryClient();
  const [label, setLabel] = useState('');
  const [type, setType] = useState<AddressType>('bech32');
  const create = useMutation({
    mutationFn: () => createTypedAddress(client, name, { label: label.trim(), type }),
    onSuccess: async (address) => {
      setLabel('');
      await queries.invalidateQueries({ queryKey: ['wallet', name, 'addresses'] });
      onCreated(address);
    },
  });
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    if (!create.isPending) create.mutate();
  };
  return (
    <form className="card stack" onSubmit={submit}>
      <Field
        label={texts.receive.label}
        hint={texts.receive.labelHint}
        value={label}
        input={{ maxLength: 120 }}
        onChange={setLabel}
      />
      <details className="fold">
        <summary>{common.nameAndWhat(texts.receive.type, texts.receive[type])}</summary>
        <Choice
          name={texts.receive.type}
          hint={texts.receive.typeHelp}
          value={type}
          options={ADDRESS_TYPES.map((one) => ({ value: one, text: texts.receive[one] }))}
          onChange={setType}
        />
      </details>
      <div className="cluster">
        <Button type="submit" kind={isFirst ? 'primary' : 'quiet'} icon="plus" isDisabled={create.isPending}>
          {isFirst ? texts.receive.first : texts.receive.fresh}
        </Button>
      </div>
      {create.error !== null && <WalletFault error={create.error} />}
    </form>
  );
}

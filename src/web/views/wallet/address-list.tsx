// Addresses that a wallet gave out, the latest first, with what they received.

import type { ReactNode } from 'react';
import { Button } from '../../components/button.tsx';
import { Amount } from '../../components/figures.tsx';
import { AddressLink } from '../../components/links.tsx';
import { VirtualRows } from '../../components/virtual-rows.tsx';
import type { GivenAddress } from '../../data/wallet-addresses.ts';
import { plainText } from '../../format/short-text.ts';
import { useMessages } from '../../i18n/messages.tsx';

interface AddressListProps {
  readonly addresses: readonly GivenAddress[];
  readonly shown: string | null;
  readonly onChosen: (address: string) => void;
}

const ROW_PX = 68;

/** The addresses. */
export function AddressList({ addresses, shown, onChosen }: AddressListProps): ReactNode {
  const { wallet: texts } = useMessages();
  if (addresses.length === 0) return <p className="faint">{texts.receive.none}</p>;
  const choose = (address: string): void => {
    onChosen(address);
    window.scrollTo({ top: 0 });
  };
  return (
    <VirtualRows items={addresses} keyOf={({ address }) => address} rowPx={ROW_PX} label={texts.receive.earlier}>
      {({ address, label, receivedSat, paymentCount }) => (
        <div className="row row-address" data-shown={address === shown}>
          <span className="row-name">{label === '' ? texts.receive.noLabel : plainText(label)}</span>
          <span className="row-side">
            <AddressLink address={address} />
          </span>
          <span className="number">
            {paymentCount === 0 ? <span className="faint">{texts.receive.unused}</span> : <Amount sat={receivedSat} />}
          </span>
          <Button kind="quiet" isDisabled={address === shown} onPress={() => choose(address)}>
            {texts.receive.show}
          </Button>
        </div>
      )}
    </VirtualRows>
  );
}

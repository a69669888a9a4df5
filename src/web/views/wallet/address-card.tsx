// One own address as it is shown to a payer: code, text, link, and an amount to ask for.

import { type ReactNode, useState } from 'react';
import { CopyButton } from '../../components/copy-button.tsx';
import { Field } from '../../components/field.tsx';
import { Amount, useUnit } from '../../components/figures.tsx';
import { Badge } from '../../components/layout.tsx';
import type { GivenAddress } from '../../data/wallet-addresses.ts';
import { parseAmount } from '../../format/amount.ts';
import { plainText } from '../../format/short-text.ts';
import { useMessages } from '../../i18n/messages.tsx';
import { GroupedAddress } from './grouped-address.tsx';
import { formatPaymentLink } from './payment-link.ts';
import { QrCode } from './qr-code.tsx';

/** The address. */
export function AddressCard({ given }: { readonly given: GivenAddress }): ReactNode {
  const { wallet: texts } = useMessages();
  const unit = useUnit();
  const [amount, setAmount] = useState('');
  const { address, label, receivedSat, paymentCount } = given;
  const amountSat = amount.trim() === '' ? null : parseAmount(amount);
  const link = formatPaymentLink(address, amountSat, label);
  return (
    <div className="card receive-card">
      <QrCode text={link} label={texts.receive.qr(address)} />
      <div className="stack">
        <div className="split">
          <span className="wallet-name">{label === '' ? texts.receive.address : plainText(label)}</span>
          {paymentCount === 0 ? (
            <Badge>{texts.receive.unused}</Badge>
          ) : (
            <Badge kind="good">
              <Amount sat={receivedSat} isSigned />
            </Badge>
          )}
        </div>
        <p className="address-line">
          <GroupedAddress address={address} /> <CopyButton text={address} what={texts.receive.address} />
        </p>
        <Field
          label={`${texts.receive.amount} · ${unit}`}
          fault={amount.trim() !== '' && amountSat === null ? texts.receive.amountBad : null}
          value={amount}
          input={{ inputMode: 'decimal' }}
          onChange={setAmount}
        />
        <p className="small faint link-line">
          <span>
            {texts.receive.link}: <span className="mono hash-full">{link}</span>
          </span>{' '}
          <CopyButton text={link} what={texts.receive.link} />
        </p>
      </div>
    </div>
  );
}

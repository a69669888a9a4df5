// One recipient of a payment: whom, how much, and a note.

import type { ReactNode } from 'react';
import { Button } from '../../components/button.tsx';
import { Field } from '../../components/field.tsx';
import { Amount, useUnit } from '../../components/figures.tsx';
import type { Messages } from '../../i18n/en.ts';
import { useFigures, useMessages } from '../../i18n/messages.tsx';
import type { PaymentLinkFault } from './payment-link.ts';
import { checkAmount, type DraftRecipient, typeAddress } from './send-draft.ts';
import type { Checked } from './send-wish.ts';

interface RecipientFieldsProps {
  readonly recipient: DraftRecipient;
  /** Which of several; null: the only one. */
  readonly place: number | null;
  readonly checked: Checked;
  readonly isTwice: boolean;
  readonly availableSat: number;
  readonly onChange: (recipient: DraftRecipient) => void;
  readonly onRemove: () => void;
}

type SendTexts = Messages['wallet']['send'];

/** The fields. */
export function RecipientFields(props: RecipientFieldsProps): ReactNode {
  const { recipient, place, checked, isTwice, onChange, onRemove } = props;
  const { wallet } = useMessages();
  const texts = wallet.send;
  const figures = useFigures();
  const { address, label, linkFault, linkMessage, linkIgnored } = recipient;
  return (
    <fieldset className="card stack recipient">
      {place !== null && (
        <legend className="split recipient-head">
          <span className="field-label">{texts.recipient(figures.integer(place))}</span>
          <Button kind="quiet" icon="close" label={texts.remove(figures.integer(place))} onPress={onRemove} />
        </legend>
      )}
      <Field
        label={texts.to}
        hint={checked === null || checked === undefined ? texts.toHint : texts.goodAddress}
        fault={describeAddressFault(texts, linkFault, checked, isTwice)}
        value={address}
        isMono
        input={{ autoCapitalize: 'none' }}
        onChange={(text) => onChange(typeAddress(recipient, text))}
      />
      {linkMessage !== '' && <p className="small">{texts.linkMessage(linkMessage)}</p>}
      {linkIgnored.length > 0 && <p className="small faint">{texts.linkIgnored(linkIgnored.join(', '))}</p>}
      <AmountField {...props} />
      <Field
        label={texts.label}
        hint={texts.labelHint}
        value={label}
        input={{ maxLength: 120 }}
        onChange={(text) => onChange({ ...recipient, label: text })}
      />
    </fieldset>
  );
}

function AmountField({ recipient, place, availableSat, onChange }: RecipientFieldsProps): ReactNode {
  const { wallet } = useMessages();
  const texts = wallet.send;
  const unit = useUnit();
  const { amount, takesAll } = recipient;
  const fault = takesAll ? null : checkAmount(amount, availableSat);
  const available = (
    <>
      {texts.available('')}
      <Amount sat={availableSat} />
    </>
  );
  if (takesAll) {
    return (
      <div className="split">
        <span>
          <span className="field-label">{texts.everythingOn}</span>
          <br />
          <Amount sat={availableSat} />
        </span>
        <Button onPress={() => onChange({ ...recipient, takesAll: false })}>{texts.notEverything}</Button>
      </div>
    );
  }
  return (
    <Field
      label={`${texts.amount} · ${unit}`}
      hint={available}
      fault={fault === null ? null : fault === 'bad' ? texts.amountBad : texts.amountMuch}
      value={amount}
      input={{ inputMode: 'decimal' }}
      onChange={(text) => onChange({ ...recipient, amount: text })}
    >
      {place === null && (
        <Button onPress={() => onChange({ ...recipient, takesAll: true, amount: '' })}>{texts.everything}</Button>
      )}
    </Field>
  );
}

function describeAddressFault(
  texts: SendTexts,
  linkFault: PaymentLinkFault | null,
  checked: Checked,
  isTwice: boolean,
): string | null {
  if (linkFault !== null) return describeLinkFault(texts, linkFault);
  if (isTwice) return texts.sameTwice;
  return checked === null ? texts.badAddress : null;
}

function describeLinkFault(texts: SendTexts, fault: PaymentLinkFault): string {
  switch (fault.kind) {
    case 'too-long':
      return texts.linkTooLong;
    case 'requires':
      return texts.linkRequires(fault.name);
    case 'bad-amount':
      return texts.linkAmount;
    default:
      return texts.linkBad;
  }
}

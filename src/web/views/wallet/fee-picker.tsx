// How fast a payment should be: three offers, or a rate of one's own.

import { useQuery } from '@tanstack/react-query';
import { type ReactNode, useEffect, useState } from 'react';
import { Answer } from '../../components/answer.tsx';
import { Field } from '../../components/field.tsx';
import { useClient } from '../../data/app-context.tsx';
import { FEE_TARGETS, feeKnowledgeQuery } from '../../data/wallet-pay.ts';
import { useFigures, useMessages } from '../../i18n/messages.tsx';
import { Choice } from './choice.tsx';
import { type FeeOffer, type FeeSpeed, listFeeOffers, parseFeeRate } from './fee-choice.ts';

/** What was picked. */
export interface PickedFee {
  readonly speed: FeeSpeed | 'own';
  /** In satoshis per 1,000 virtual bytes; null: not known, or no rate. */
  readonly rate: number | null;
}

interface FeePickerProps {
  readonly picked: PickedFee;
  readonly onPicked: (picked: PickedFee) => void;
}

/** The offers. */
export function FeePicker(props: FeePickerProps): ReactNode {
  const knowledge = useQuery(feeKnowledgeQuery(useClient()));
  return <Answer of={knowledge}>{(data) => <FeeOffers {...props} offers={listFeeOffers(data)} />}</Answer>;
}

function FeeOffers({ picked, onPicked, offers }: FeePickerProps & { readonly offers: readonly FeeOffer[] }): ReactNode {
  const { wallet } = useMessages();
  const texts = wallet.send;
  const figures = useFigures();
  const [own, setOwn] = useState('');
  const { speed } = picked;
  const rate = speed === 'own' ? parseFeeRate(own) : (offers.find((offer) => offer.speed === speed)?.rate ?? null);
  // Estimates move while a person reads: the rate that is used is always the one on screen.
  useEffect(() => {
    if (rate !== picked.rate) onPicked({ speed, rate });
  }, [rate, picked.rate, speed, onPicked]);
  const options = offers.map((offer) => ({
    value: offer.speed as PickedFee['speed'],
    text: texts[offer.speed],
    note: (
      <>
        {texts.rate(figures.short(offer.rate / 1000))}
        <br />
        {offer.isEstimate ? texts.within(figures.integer(FEE_TARGETS[offer.speed])) : texts.ruleOfThumb}
      </>
    ),
  }));
  return (
    <div className="stack">
      <Choice
        name={texts.fee}
        hint={texts.feeHelp}
        value={speed}
        options={[...options, { value: 'own', text: texts.own }]}
        onChange={(next) => onPicked({ speed: next, rate: null })}
      />
      {speed === 'own' && (
        <Field
          label={texts.ownRate}
          fault={own !== '' && rate === null ? texts.ownRateBad : null}
          value={own}
          input={{ inputMode: 'decimal' }}
          onChange={setOwn}
        />
      )}
    </div>
  );
}

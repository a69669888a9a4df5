// What a transaction does, as a bill: who gets how much, the fee, their sum, what comes back, and the coins that pay for it.

import type { ReactNode } from 'react';
import { Amount } from '../../components/figures.tsx';
import { Badge } from '../../components/layout.tsx';
import { Notice } from '../../components/notice.tsx';
import type { PsbtInput, PsbtOutput } from '../../data/psbt-content.ts';
import { plainText, shortenMiddle } from '../../format/short-text.ts';
import { useFigures, useMessages } from '../../i18n/messages.tsx';
import { GroupedAddress } from './grouped-address.tsx';
import { findLookAlike, isHighFee, type Review } from './review.ts';

interface ReviewCardProps {
  readonly review: Review;
  readonly inputs: readonly PsbtInput[];
  /** Satoshis per virtual byte; null: not known. */
  readonly rate: number | null;
  /** Addresses that were paid before; null: not known yet. */
  readonly known: ReadonlySet<string> | null;
  /** Scripts of the wallet itself among those that are paid. */
  readonly ownScripts?: ReadonlySet<string>;
  readonly labels?: readonly { readonly address: string; readonly label: string }[];
}

/** The bill. */
export function ReviewCard({ review, inputs, rate, known, ownScripts, labels = [] }: ReviewCardProps): ReactNode {
  const { wallet } = useMessages();
  const texts = wallet.review;
  return (
    <>
      <ul className="bill">
        {review.payments.map((output, i) => (
          <li key={i}>
            <Payment
              output={output}
              known={known}
              isOwn={ownScripts?.has(output.scriptHex) === true}
              label={labels.find(({ address }) => address === output.address)?.label}
            />
          </li>
        ))}
      </ul>
      <BillSums review={review} rate={rate} />
      {review.feeSat === null && <Notice kind="bad">{texts.unknownFee}</Notice>}
      {isHighFee(review) && <Notice kind="warn">{texts.highFee}</Notice>}
      <SpentCoins inputs={inputs} spentSat={review.spentSat} />
    </>
  );
}

interface PaymentProps {
  readonly output: PsbtOutput;
  readonly known: ReadonlySet<string> | null;
  readonly isOwn: boolean;
  readonly label: string | undefined;
}

function Payment({ output, known, isOwn, label = '' }: PaymentProps): ReactNode {
  const { wallet } = useMessages();
  const texts = wallet.review;
  const { address, valueSat } = output;
  const describePayee = (): string => {
    if (isOwn) return texts.ownAddress;
    if (known === null) return texts.compare;
    return `${address !== null && known.has(address) ? texts.knownAddress : texts.firstTime} ${texts.compare}`;
  };
  const twin = address === null || isOwn || known === null ? null : findTwin(address, known);
  return (
    <div className="bill-payment">
      <div className="split">
        <span className="wallet-name">{label === '' ? wallet.send.to : plainText(label, 60)}</span>
        <span className="bill-amount">
          <Amount sat={valueSat} />
        </span>
      </div>
      {address === null ? (
        <Badge>{texts.data}</Badge>
      ) : (
        <p className="address-line">
          <GroupedAddress address={address} />
        </p>
      )}
      {address !== null && <p className="small faint">{describePayee()}</p>}
      {twin !== null && (
        <Notice kind="bad" title={texts.lookAlike}>
          {texts.lookAlikeHelp(shortenMiddle(twin))}
        </Notice>
      )}
    </div>
  );
}

/** An address that was paid before and looks like this one, but is another. */
function findTwin(address: string, known: ReadonlySet<string>): string | null {
  return known.has(address) ? null : findLookAlike(address, known);
}

function BillSums({ review, rate }: Pick<ReviewCardProps, 'review' | 'rate'>): ReactNode {
  const { wallet } = useMessages();
  const texts = wallet.review;
  const figures = useFigures();
  const { payments, paidSat, feeSat, totalSat, changeSat, change } = review;
  return (
    <dl className="bill-sums">
      {payments.length > 1 && (
        <div>
          <dt>{texts.paid}</dt>
          <dd>
            <Amount sat={paidSat} />
          </dd>
        </div>
      )}
      <div>
        <dt>
          {texts.fee}
          {rate !== null && <span className="part-help">{wallet.send.rate(figures.short(rate))}</span>}
        </dt>
        <dd>{feeSat === null ? texts.unknown : <Amount sat={feeSat} />}</dd>
      </div>
      <div className="total">
        <dt>{texts.total}</dt>
        <dd>{totalSat === null ? texts.unknown : <Amount sat={totalSat} />}</dd>
      </div>
      {change.length > 0 && (
        <div className="faint">
          <dt>{texts.change}</dt>
          <dd>
            <Amount sat={changeSat} />
          </dd>
        </div>
      )}
    </dl>
  );
}

/** Coins that are listed; more than that are counted. */
const COINS_MAX = 50;

function SpentCoins({ inputs, spentSat }: Pick<ReviewCardProps, 'inputs'> & Pick<Review, 'spentSat'>): ReactNode {
  const { wallet, common } = useMessages();
  const texts = wallet.review;
  const figures = useFigures();
  return (
    <details className="fold">
      <summary>
        {common.nameAndWhat(texts.spends, figures.integer(inputs.length))}
        {spentSat !== null && (
          <>
            {' · '}
            <Amount sat={spentSat} />
          </>
        )}
      </summary>
      <ul>
        {inputs.slice(0, COINS_MAX).map(({ txid, index, address, valueSat }) => (
          <li key={`${txid}:${index}`} className="row row-spent">
            <span className="hash">{shortenMiddle(address ?? `${txid}:${index}`)}</span>
            <span className="number">{valueSat === null ? texts.unknown : <Amount sat={valueSat} />}</span>
          </li>
        ))}
        {inputs.length > COINS_MAX && <li className="row">{texts.coinCount(figures.integer(inputs.length))}</li>}
      </ul>
    </details>
  );
}

// What a payment is made of: recipients, a fee, and coins for those who want to choose.

import { useQueries } from '@tanstack/react-query';
import { type FormEvent, type ReactNode, useRef, useState } from 'react';
import { Button } from '../../components/button.tsx';
import { useClient } from '../../data/app-context.tsx';
import { checkedAddressQuery } from '../../data/wallet-addresses.ts';
import { coinKey, type SpendableSum, type WalletCoin } from '../../data/wallet-coins.ts';
import { parseAmount } from '../../format/amount.ts';
import { plainText } from '../../format/short-text.ts';
import { useMessages } from '../../i18n/messages.tsx';
import { CoinPicker } from './coin-picker.tsx';
import { FeePicker, type PickedFee } from './fee-picker.tsx';
import { mayBeAddress } from './payment-link.ts';
import { RecipientFields } from './recipient-fields.tsx';
import { createRecipient, type DraftRecipient } from './send-draft.ts';
import type { Checked, SendWish } from './send-wish.ts';

interface SendFormProps {
  /** What can be spent. */
  readonly sum: SpendableSum;
  /** Coins that can be spent; null: none of them are here yet. */
  readonly coins: readonly WalletCoin[] | null;
  readonly hasAllCoins: boolean;
  readonly isWorking: boolean;
  /** The single coins are needed. */
  readonly onCoinsWanted: () => void;
  readonly onReview: (wish: SendWish) => void;
}

/** The form. */
export function SendForm(props: SendFormProps): ReactNode {
  const { sum, coins, hasAllCoins, isWorking, onCoinsWanted, onReview } = props;
  const { wallet } = useMessages();
  const texts = wallet.send;
  const lastId = useRef(1);
  const [recipients, setRecipients] = useState<readonly DraftRecipient[]>(() => [createRecipient(1)]);
  const [fee, setFee] = useState<PickedFee>({ speed: 'normal', rate: null });
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set());
  const checked = useCheckedAddresses(recipients);
  const takesAll = recipients.some((recipient) => recipient.takesAll);
  const picked = (coins ?? []).filter((coin) => chosen.has(coinKey(coin)));
  const spendable =
    picked.length > 0 ? picked : hasAllCoins && coins !== null ? coins.filter(({ isSafe }) => isSafe) : null;
  const availableSat = picked.length > 0 || (takesAll && spendable !== null) ? sumCoins(spendable) : sum.availableSat;
  const wish = makeWish(recipients, checked, { rate: fee.rate, picked, spendable, availableSat });
  const change = (next: DraftRecipient): void => {
    if (next.takesAll) onCoinsWanted();
    setRecipients(recipients.map((known) => (known.id === next.id ? next : known)));
  };
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    if (wish !== null && !isWorking) onReview(wish);
  };
  return (
    <form className="stack" onSubmit={submit}>
      {recipients.map((recipient, i) => (
        <RecipientFields
          key={recipient.id}
          recipient={recipient}
          place={recipients.length > 1 ? i + 1 : null}
          checked={checked[i]}
          isTwice={isTwice(checked, i)}
          availableSat={availableSat}
          onChange={change}
          onRemove={() => setRecipients(recipients.filter(({ id }) => id !== recipient.id))}
        />
      ))}
      {!takesAll && (
        <div>
          <Button
            kind="quiet"
            icon="plus"
            onPress={() => setRecipients([...recipients, createRecipient(++lastId.current)])}
          >
            {texts.add}
          </Button>
        </div>
      )}
      <div className="card">
        <FeePicker picked={fee} onPicked={setFee} />
      </div>
      <CoinPicker coins={coins} chosen={chosen} onChosen={setChosen} onWanted={onCoinsWanted} />
      <div className="wizard-actions">
        <Button type="submit" kind="primary" isDisabled={wish === null || isWorking}>
          {isWorking ? texts.building : texts.review}
        </Button>
      </div>
    </form>
  );
}

function sumCoins(coins: readonly WalletCoin[] | null): number {
  return (coins ?? []).reduce((sum, { valueSat }) => sum + valueSat, 0);
}

function useCheckedAddresses(recipients: readonly DraftRecipient[]): readonly Checked[] {
  const client = useClient();
  return useQueries({
    queries: recipients.map(({ address, linkFault }) => ({
      ...checkedAddressQuery(client, address),
      enabled: linkFault === null && mayBeAddress(address),
    })),
  }).map(({ data }, i) => {
    const { address, linkFault } = recipients[i]!;
    if (address === '' || linkFault !== null) return undefined;
    return mayBeAddress(address) ? data : null;
  });
}

function isTwice(checked: readonly Checked[], at: number): boolean {
  const one = checked[at];
  if (one === null || one === undefined) return false;
  return checked.some((other, i) => i < at && other?.scriptHex === one.scriptHex);
}

interface WishGround {
  readonly rate: number | null;
  readonly picked: readonly WalletCoin[];
  /** Null: they are not here. */
  readonly spendable: readonly WalletCoin[] | null;
  readonly availableSat: number;
}

/** What is wished for; null: something is missing or wrong. */
function makeWish(
  recipients: readonly DraftRecipient[],
  checked: readonly Checked[],
  { rate, picked, spendable, availableSat }: WishGround,
): SendWish | null {
  if (rate === null || (recipients.length > 1 && recipients.some(({ takesAll }) => takesAll))) return null;
  const rows: { readonly address: string; readonly scriptHex: string; readonly amountSat: number | null }[] = [];
  for (const [i, { amount, takesAll }] of recipients.entries()) {
    const known = checked[i];
    const amountSat = takesAll ? null : parseAmount(amount);
    if (known === null || known === undefined || isTwice(checked, i)) return null;
    if (!takesAll && (amountSat === null || amountSat === 0)) return null;
    rows.push({ ...known, amountSat });
  }
  const sumSat = rows.reduce((sum, { amountSat }) => sum + (amountSat ?? 0), 0);
  if (sumSat > availableSat) return null;
  const takesAll = rows.some(({ amountSat }) => amountSat === null);
  if (takesAll && spendable === null) return null;
  const coins = takesAll ? spendable : picked.length > 0 ? picked : null;
  return {
    order: { recipients: rows, feeRate: rate, coins },
    wishes: rows,
    labels: rows.map(({ address }, i) => ({ address, label: plainText(recipients[i]!.label.trim(), 120) })),
  };
}

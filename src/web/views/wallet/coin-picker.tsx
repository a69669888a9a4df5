// The coins of a payment, for those who want to choose them themselves.

import { type ReactNode, type SyntheticEvent, useState } from 'react';
import { Button } from '../../components/button.tsx';
import { Amount, useUnit } from '../../components/figures.tsx';
import { Badge, Skeleton } from '../../components/layout.tsx';
import { VirtualRows } from '../../components/virtual-rows.tsx';
import { coinKey, type WalletCoin } from '../../data/wallet-coins.ts';
import { formatAmount } from '../../format/amount.ts';
import { plainText, shortenMiddle } from '../../format/short-text.ts';
import { useFigures, useMessages } from '../../i18n/messages.tsx';

interface CoinPickerProps {
  /** Null: they are not here. */
  readonly coins: readonly WalletCoin[] | null;
  /** By their keys. */
  readonly chosen: ReadonlySet<string>;
  readonly onChosen: (chosen: ReadonlySet<string>) => void;
  /** Somebody wants to see them. */
  readonly onWanted: () => void;
}

const ROW_PX = 56;

/** The list, folded until it is wanted. */
export function CoinPicker({ coins, chosen, onChosen, onWanted }: CoinPickerProps): ReactNode {
  const { wallet } = useMessages();
  const texts = wallet.send;
  const figures = useFigures();
  const unit = useUnit();
  const [isOpen, setOpen] = useState(false);
  const picked = (coins ?? []).filter((coin) => chosen.has(coinKey(coin)));
  const sumSat = picked.reduce((sum, { valueSat }) => sum + valueSat, 0);
  const summary = texts.chosen(figures.integer(picked.length), `${formatAmount(sumSat)} ${unit}`);
  const turn = ({ currentTarget }: SyntheticEvent<HTMLDetailsElement>): void => {
    setOpen(currentTarget.open);
    if (currentTarget.open) onWanted();
  };
  return (
    <details className="fold" onToggle={turn}>
      <summary>{picked.length === 0 ? texts.coins : summary}</summary>
      {isOpen && (
        <div className="stack">
          <p className="small faint">{texts.coinsHelp}</p>
          {picked.length > 0 && (
            <div>
              <Button onPress={() => onChosen(new Set())}>{texts.clearChoice}</Button>
            </div>
          )}
          {coins === null ? (
            <Skeleton lines={4} />
          ) : (
            <VirtualRows items={coins} keyOf={coinKey} rowPx={ROW_PX} label={wallet.coins.list}>
              {(coin) => <PickableCoin coin={coin} chosen={chosen} onChosen={onChosen} />}
            </VirtualRows>
          )}
        </div>
      )}
    </details>
  );
}

interface PickableCoinProps extends Pick<CoinPickerProps, 'chosen' | 'onChosen'> {
  readonly coin: WalletCoin;
}

function PickableCoin({ coin, chosen, onChosen }: PickableCoinProps): ReactNode {
  const { wallet } = useMessages();
  const { address, label, valueSat, isSafe } = coin;
  const key = coinKey(coin);
  const toggle = (): void => {
    const next = new Set(chosen);
    if (!next.delete(key)) next.add(key);
    onChosen(next);
  };
  return (
    <label className="row row-pick">
      <input type="checkbox" checked={chosen.has(key)} onChange={toggle} />
      <span className="row-name">{label === '' ? shortenMiddle(address ?? coin.txid) : plainText(label, 60)}</span>
      <span>{!isSafe && <Badge kind="warn">{wallet.coins.unsafe}</Badge>}</span>
      <span className="number">
        <Amount sat={valueSat} />
      </span>
    </label>
  );
}

// A coin that waits, spent to oneself with a fee that pays for its parent, too: a miner who wants the second must take the first.

import { useMutation } from '@tanstack/react-query';
import { type ReactNode, useState } from 'react';
import { Button } from '../../components/button.tsx';
import { Amount } from '../../components/figures.tsx';
import { useClient } from '../../data/app-context.tsx';
import { checkAddress, createTypedAddress } from '../../data/wallet-addresses.ts';
import type { WalletCoin } from '../../data/wallet-coins.ts';
import { useMessages } from '../../i18n/messages.tsx';
import { FeePicker, type PickedFee } from './fee-picker.tsx';
import type { SendWish } from './send-wish.ts';
import { useWallet } from './wallet-context.tsx';
import { WalletFault } from './wallet-fault.tsx';

interface PullFormProps {
  readonly coin: WalletCoin;
  readonly isWorking: boolean;
  readonly onReview: (wish: SendWish) => void;
}

/** The form: only the fee is to be chosen. */
export function PullForm({ coin, isWorking, onReview }: PullFormProps): ReactNode {
  const { wallet } = useMessages();
  const { name } = useWallet();
  const client = useClient();
  const [fee, setFee] = useState<PickedFee>({ speed: 'fast', rate: null });
  const prepare = useMutation({
    mutationFn: async (feeRate: number): Promise<void> => {
      const address = await createTypedAddress(client, name, { label: '', type: 'bech32' });
      const checked = await checkAddress(client, address);
      if (checked === null) return;
      onReview({
        order: { recipients: [{ address, amountSat: null }], feeRate, coins: [coin], spendsUnsafe: true },
        wishes: [{ scriptHex: checked.scriptHex, amountSat: null }],
        labels: [],
      });
    },
  });
  const isBusy = prepare.isPending || isWorking;
  return (
    <div className="card stack">
      <p>{wallet.history.speedUpChildHelp}</p>
      <p className="balance-sum">
        <Amount sat={coin.valueSat} />
      </p>
      <FeePicker picked={fee} onPicked={setFee} />
      <div className="wizard-actions">
        <Button
          kind="primary"
          isDisabled={fee.rate === null || isBusy}
          onPress={() => fee.rate !== null && prepare.mutate(fee.rate)}
        >
          {isBusy ? wallet.send.building : wallet.send.review}
        </Button>
      </div>
      {prepare.error !== null && <WalletFault error={prepare.error} />}
    </div>
  );
}

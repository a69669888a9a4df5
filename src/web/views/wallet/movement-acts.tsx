// What can be done about a movement that waits: pay more for it, or give it up.

import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { type ReactNode, useState } from 'react';
import { Button } from '../../components/button.tsx';
import { useUnit } from '../../components/figures.tsx';
import { Notice } from '../../components/notice.tsx';
import { useClient } from '../../data/app-context.tsx';
import { abandonPayment, fetchWaitingSize, raiseFee } from '../../data/wallet-bump.ts';
import { formatAmount } from '../../format/amount.ts';
import { useMessages } from '../../i18n/messages.tsx';
import { FeePicker, type PickedFee } from './fee-picker.tsx';
import { KeyButton } from './key-button.tsx';
import { judgeMovement, type Movement } from './movements.ts';
import { useWallet } from './wallet-context.tsx';
import { WalletFault } from './wallet-fault.tsx';
import { formatWalletPart } from './wallet-path.ts';

/** Rates are for so many virtual bytes. */
const VBYTES_OF_RATE = 1000;

interface MovementActsProps {
  readonly movement: Movement;
  readonly tipHeight: number;
  readonly onDone: () => void;
}

/** What can be done now; nothing where nothing can. */
export function MovementActs({ movement, tipHeight, onDone }: MovementActsProps): ReactNode {
  const { hasKeys } = useWallet();
  if (!hasKeys || judgeMovement(movement, tipHeight).kind !== 'waiting') return null;
  if (movement.kind === 'in') return <SpeedUpByChild movement={movement} />;
  return <OwnPaymentActs movement={movement} onDone={onDone} />;
}

interface OwnPaymentProps {
  readonly movement: Movement;
  readonly onDone: () => void;
}

/** A payment in the memory pool can be made faster; one that has fallen out of it can be given up. */
function OwnPaymentActs({ movement, onDone }: OwnPaymentProps): ReactNode {
  const { txid } = movement;
  const client = useClient();
  const size = useQuery({
    queryKey: ['mempool', 'size', txid],
    retry: false,
    queryFn: () => fetchWaitingSize(client, txid),
  });
  if (size.data === undefined) return null;
  if (size.data === null) return <GiveUp txid={txid} onDone={onDone} />;
  return <SpeedUp movement={movement} vsize={size.data} onDone={onDone} />;
}

interface SpeedUpProps extends OwnPaymentProps {
  readonly vsize: number;
}

function SpeedUp(props: SpeedUpProps): ReactNode {
  const { wallet } = useMessages();
  const texts = wallet.history;
  const [isOpen, setOpen] = useState(false);
  if (isOpen) return <RaiseFee {...props} />;
  return (
    <div className="stack">
      <p className="small faint">{texts.speedUpHelp}</p>
      <div>
        <Button onPress={() => setOpen(true)}>{texts.speedUp}</Button>
      </div>
    </div>
  );
}

function RaiseFee({ movement, vsize, onDone }: SpeedUpProps): ReactNode {
  const { wallet } = useMessages();
  const { name } = useWallet();
  const client = useClient();
  const queries = useQueryClient();
  const unit = useUnit();
  const [fee, setFee] = useState<PickedFee>({ speed: 'fast', rate: null });
  const { txid, feeSat } = movement;
  const afterSat = fee.rate === null ? 0 : Math.ceil((fee.rate * vsize) / VBYTES_OF_RATE);
  const format = (sat: number): string => `${formatAmount(sat)} ${unit}`;
  const finish = (): void => {
    void queries.invalidateQueries({ queryKey: ['wallet', name] });
    onDone();
  };
  return (
    <div className="stack">
      <FeePicker picked={fee} onPicked={setFee} />
      {afterSat > feeSat ? (
        <Notice>{wallet.history.raise(format(feeSat), format(afterSat))}</Notice>
      ) : (
        <Notice kind="warn">{wallet.history.raiseNot}</Notice>
      )}
      <div className="cluster">
        <KeyButton
          kind="primary"
          isDisabled={afterSat <= feeSat}
          working={wallet.review.sending}
          act={(passphrase) => raiseFee(client, name, { txid, feeRate: fee.rate ?? 0, passphrase })}
          onDone={finish}
        >
          {wallet.history.raiseNow}
        </KeyButton>
      </div>
    </div>
  );
}

/** A payment of somebody else that waits: its coin is spent to oneself with a fee that pays for both. */
function SpeedUpByChild({ movement }: { readonly movement: Movement }): ReactNode {
  const { wallet } = useMessages();
  const { name } = useWallet();
  const coin = movement.entries[0];
  if (coin === undefined) return null;
  return (
    <div className="stack">
      <p className="small faint">{wallet.history.speedUpChildHelp}</p>
      <div>
        <Link
          to="/wallet/$wallet/send"
          params={{ wallet: formatWalletPart(name) }}
          search={{ pull: `${movement.txid}:${coin.index}` }}
          className="button"
        >
          {wallet.history.speedUp}
        </Link>
      </div>
    </div>
  );
}

function GiveUp({ txid, onDone }: { readonly txid: string; readonly onDone: () => void }): ReactNode {
  const { wallet } = useMessages();
  const { name } = useWallet();
  const client = useClient();
  const queries = useQueryClient();
  const abandon = useMutation({
    mutationFn: () => abandonPayment(client, name, txid),
    onSuccess: () => {
      void queries.invalidateQueries({ queryKey: ['wallet', name] });
      onDone();
    },
  });
  return (
    <div className="stack">
      <p className="small faint">{wallet.history.giveUpHelp}</p>
      <div>
        <Button kind="danger" isDisabled={abandon.isPending} onPress={() => abandon.mutate()}>
          {wallet.history.giveUp}
        </Button>
      </div>
      {abandon.error !== null && <WalletFault error={abandon.error} />}
    </div>
  );
}

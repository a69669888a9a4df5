// What can be done about a movement that waits: pay more for it, or give it up.

import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { type ReactNode, useState } from 'react';
import { Button } from '../../components/button.tsx';
import { useUnit } from '../../components/figures.tsx';
import { Skeleton } from '../../components/layout.tsx';
import { Notice } from '../../components/notice.tsx';
import { useClient } from '../../data/app-context.tsx';
import { abandonPayment, isWaiting, previewRaise, raiseFee } from '../../data/wallet-bump.ts';
import { formatAmount } from '../../format/amount.ts';
import { useMessages } from '../../i18n/messages.tsx';
import { FeePicker, type PickedFee } from './fee-picker.tsx';
import { KeyButton } from './key-button.tsx';
import { judgeMovement, type Movement } from './movements.ts';
import { useWallet } from './wallet-context.tsx';
import { WalletFault } from './wallet-fault.tsx';
import { formatWalletPart } from './wallet-path.ts';

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
  return (
    <>
      <SpeedUp txid={movement.txid} onDone={onDone} />
      <GiveUp txid={movement.txid} onDone={onDone} />
    </>
  );
}

interface ActProps {
  readonly txid: string;
  readonly onDone: () => void;
}

function SpeedUp({ txid, onDone }: ActProps): ReactNode {
  const { wallet } = useMessages();
  const texts = wallet.history;
  const [isOpen, setOpen] = useState(false);
  if (!isOpen) {
    return (
      <div className="stack">
        <p className="small faint">{texts.speedUpHelp}</p>
        <div>
          <Button onPress={() => setOpen(true)}>{texts.speedUp}</Button>
        </div>
      </div>
    );
  }
  return <RaiseFee txid={txid} onDone={onDone} />;
}

function RaiseFee({ txid, onDone }: ActProps): ReactNode {
  const { wallet } = useMessages();
  const { name } = useWallet();
  const client = useClient();
  const queries = useQueryClient();
  const unit = useUnit();
  const [fee, setFee] = useState<PickedFee>({ speed: 'fast', rate: null });
  const { rate } = fee;
  const preview = useQuery({
    queryKey: ['wallet', name, 'raise', txid, rate],
    enabled: rate !== null,
    gcTime: 0,
    retry: false,
    queryFn: () => previewRaise(client, name, txid, rate ?? 0),
  });
  const format = (sat: number): string => `${formatAmount(sat)} ${unit}`;
  return (
    <div className="stack">
      <FeePicker picked={fee} onPicked={setFee} />
      {preview.isFetching && <Skeleton lines={1} />}
      {preview.data !== undefined && (
        <Notice>{wallet.history.raise(format(preview.data.beforeSat), format(preview.data.afterSat))}</Notice>
      )}
      {preview.error !== null && <WalletFault error={preview.error} />}
      <div className="cluster">
        <KeyButton
          kind="primary"
          isDisabled={preview.data === undefined || rate === null}
          working={wallet.review.sending}
          act={(passphrase) => raiseFee(client, name, { txid, feeRate: rate ?? 0, passphrase })}
          onDone={() => {
            void queries.invalidateQueries({ queryKey: ['wallet', name] });
            onDone();
          }}
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

function GiveUp({ txid, onDone }: ActProps): ReactNode {
  const { wallet } = useMessages();
  const { name } = useWallet();
  const client = useClient();
  const queries = useQueryClient();
  const pool = useQuery({
    queryKey: ['mempool', 'has', txid],
    retry: false,
    queryFn: () => isWaiting(client, txid),
  });
  const abandon = useMutation({
    mutationFn: () => abandonPayment(client, name, txid),
    onSuccess: () => {
      void queries.invalidateQueries({ queryKey: ['wallet', name] });
      onDone();
    },
  });
  if (pool.data !== false) return null;
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

// Sending, in three steps: written, reviewed, on its way. What is reviewed is built once; what is signed is exactly that.

import { useMutation, useQuery } from '@tanstack/react-query';
import { Link, useSearch } from '@tanstack/react-router';
import { type ReactNode, useState } from 'react';
import { Answer } from '../../components/answer.tsx';
import { Empty, Section, Skeleton } from '../../components/layout.tsx';
import { Notice } from '../../components/notice.tsx';
import { useClient } from '../../data/app-context.tsx';
import { coinKey, type WalletCoin, walletCoinsQuery } from '../../data/wallet-coins.ts';
import { buildPayment, type SentPayment } from '../../data/wallet-pay.ts';
import { useMessages } from '../../i18n/messages.tsx';
import { PullForm } from './pull-form.tsx';
import { SendForm } from './send-form.tsx';
import { SendReview } from './send-review.tsx';
import type { SendWish } from './send-wish.ts';
import { SentNotice } from './sent-notice.tsx';
import { useWallet } from './wallet-context.tsx';
import { WalletFault } from './wallet-fault.tsx';
import { formatWalletPart } from './wallet-path.ts';

/** The page to send from. */
export function SendPage(): ReactNode {
  const { wallet: texts } = useMessages();
  const { name } = useWallet();
  const coins = useQuery(walletCoinsQuery(useClient(), name));
  return (
    <Section title={texts.send.title} help={texts.send.help}>
      <Answer of={coins} waiting={<Skeleton lines={6} />}>
        {(all) => <SendSteps coins={all.filter(({ isMature, isLocked }) => isMature && !isLocked)} />}
      </Answer>
    </Section>
  );
}

function SendSteps({ coins }: { readonly coins: readonly WalletCoin[] }): ReactNode {
  const { wallet: texts } = useMessages();
  const { name, hasKeys } = useWallet();
  const client = useClient();
  const [wish, setWish] = useState<SendWish | null>(null);
  const [sent, setSent] = useState<SentPayment | null>(null);
  const build = useMutation({ mutationFn: ({ order }: SendWish) => buildPayment(client, name, order) });
  const built = build.data;
  const isReviewing = built !== undefined && wish !== null;
  const { pull } = useSearch({ from: '/wallet/$wallet/send' });
  const pulled = coins.find((coin) => coinKey(coin) === pull);
  const review = (next: SendWish): void => {
    setWish(next);
    build.mutate(next);
  };
  if (sent !== null) return <SentNotice sent={sent} onAgain={() => setSent(null)} />;
  if (coins.length === 0 && !isReviewing) return <NothingToSend />;
  return (
    <>
      {!hasKeys && <Notice>{texts.send.watching}</Notice>}
      {isReviewing && (
        <SendReview
          built={built}
          wish={wish}
          onBack={build.reset}
          onSent={(result) => {
            build.reset();
            setWish(null);
            setSent(result);
          }}
        />
      )}
      {/* The form stays below while its payment is reviewed: going back finds everything as it was. */}
      <div hidden={isReviewing}>
        {pulled === undefined ? (
          <SendForm coins={coins} isWorking={build.isPending} onReview={review} />
        ) : (
          <PullForm coin={pulled} isWorking={build.isPending} onReview={review} />
        )}
      </div>
      {build.error !== null && <WalletFault error={build.error} />}
    </>
  );
}

function NothingToSend(): ReactNode {
  const { wallet: texts } = useMessages();
  const { name } = useWallet();
  return (
    <Empty title={texts.send.nothing} help={texts.send.nothingHelp}>
      <Link
        to="/wallet/$wallet/receive"
        params={{ wallet: formatWalletPart(name) }}
        className="button"
        data-kind="primary"
      >
        {texts.frame.receive}
      </Link>
    </Empty>
  );
}

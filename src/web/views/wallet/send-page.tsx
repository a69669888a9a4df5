// Sending, in three steps: written, reviewed, on its way. What is reviewed is built once; what is signed is exactly that. The single coins
// are fetched when somebody wants to choose among them.

import { useMutation, useQuery } from '@tanstack/react-query';
import { Link, useSearch } from '@tanstack/react-router';
import { type ReactNode, useMemo, useState } from 'react';
import { Answer } from '../../components/answer.tsx';
import { Empty, Section, Skeleton } from '../../components/layout.tsx';
import { Notice } from '../../components/notice.tsx';
import { useClient } from '../../data/app-context.tsx';
import { coinKey, type SpendableSum, spendableQuery } from '../../data/wallet-coins.ts';
import { buildPayment, feeKnowledgeQuery, type SentPayment } from '../../data/wallet-pay.ts';
import { useMessages } from '../../i18n/messages.tsx';
import { PullForm } from './pull-form.tsx';
import { SendForm } from './send-form.tsx';
import { SendReview } from './send-review.tsx';
import type { SendWish } from './send-wish.ts';
import { SentNotice } from './sent-notice.tsx';
import { useCoins } from './use-coins.ts';
import { useKnownPayees } from './use-known-payees.ts';
import { useWallet } from './wallet-context.tsx';
import { WalletFault } from './wallet-fault.tsx';
import { formatWalletPart } from './wallet-path.ts';

/** The page to send from. */
export function SendPage(): ReactNode {
  const { wallet: texts } = useMessages();
  const { name } = useWallet();
  const client = useClient();
  const sum = useQuery(spendableQuery(client, name));
  // Asked for at once: the form needs it as soon as it is there.
  useQuery(feeKnowledgeQuery(client));
  // The review needs them: what comes late would move the button under the finger.
  useKnownPayees();
  return (
    <Section title={texts.send.title} help={texts.send.help}>
      <Answer of={sum} waiting={<Skeleton lines={6} />}>
        {(data) => <SendSteps sum={data} />}
      </Answer>
    </Section>
  );
}

function SendSteps({ sum }: { readonly sum: SpendableSum }): ReactNode {
  const { wallet: texts } = useMessages();
  const { name, hasKeys } = useWallet();
  const client = useClient();
  const [wish, setWish] = useState<SendWish | null>(null);
  const [sent, setSent] = useState<SentPayment | null>(null);
  const build = useMutation({ mutationFn: ({ order }: SendWish) => buildPayment(client, name, order) });
  const built = build.data;
  const isReviewing = built !== undefined && wish !== null;
  const { pull } = useSearch({ from: '/wallet/$wallet/send' });
  const [wantsCoins, setWantsCoins] = useState(pull !== undefined);
  const { query: coins, isAll } = useCoins(wantsCoins);
  const { data } = coins;
  const free = useMemo(() => data?.coins.filter(({ isMature, isLocked }) => isMature && !isLocked) ?? null, [data]);
  const pulled = free?.find((coin) => coinKey(coin) === pull);
  const review = (next: SendWish): void => {
    setWish(next);
    build.mutate(next);
  };
  if (sent !== null) return <SentNotice sent={sent} onAgain={() => setSent(null)} />;
  if (pull !== undefined && pulled === undefined && !isAll && coins.error === null) return <Skeleton lines={6} />;
  if (sum.count === 0 && !isReviewing) return <NothingToSend />;
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
          <SendForm
            sum={sum}
            coins={free}
            hasAllCoins={isAll}
            isWorking={build.isPending}
            onCoinsWanted={() => setWantsCoins(true)}
            onReview={review}
          />
        ) : (
          <PullForm coin={pulled} isWorking={build.isPending} onReview={review} />
        )}
      </div>
      {coins.error !== null && <WalletFault error={coins.error} />}
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

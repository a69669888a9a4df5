// All wallets side by side: those that are open with what they hold, those that are closed, and how to make one.

import { useMutation, useQueries, useQuery, useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { Answer } from '../../components/answer.tsx';
import { Button } from '../../components/button.tsx';
import { Amount } from '../../components/figures.tsx';
import { Icon } from '../../components/icon.tsx';
import { Page, Section, Skeleton, Stat, Stats } from '../../components/layout.tsx';
import { Notice } from '../../components/notice.tsx';
import { useClient } from '../../data/app-context.tsx';
import { walletBalanceQuery, walletInfoQuery } from '../../data/wallet-info.ts';
import { type KnownWallet, openWallet, walletsQuery } from '../../data/wallet-list.ts';
import { plainText } from '../../format/short-text.ts';
import { useMessages } from '../../i18n/messages.tsx';
import { GuardBadge } from './guard-badge.tsx';
import './wallet.css';
import { WalletFault } from './wallet-fault.tsx';
import { formatWalletPart, NEW_WALLET_PATH, RESTORE_WALLET_PATH } from './wallet-path.ts';

/** The view of all wallets. */
export function WalletsPage(): ReactNode {
  const { wallet: texts } = useMessages();
  const wallets = useQuery(walletsQuery(useClient()));
  return (
    <Page title={texts.list.title} lead={texts.list.lead}>
      <Answer of={wallets} waiting={<Skeleton lines={4} />}>
        {(known) => (known.length === 0 ? <FirstWallet /> : <WalletList known={known} />)}
      </Answer>
    </Page>
  );
}

/** What a person sees who has none yet. */
function FirstWallet(): ReactNode {
  const { wallet: texts } = useMessages();
  return (
    <section className="card first-wallet">
      <h2>{texts.list.welcome}</h2>
      <p>{texts.list.welcomeHelp}</p>
      <NewWalletLinks restoreText={texts.list.restore} />
    </section>
  );
}

function NewWalletLinks({ restoreText }: { readonly restoreText: string }): ReactNode {
  const { wallet: texts } = useMessages();
  return (
    <div className="cluster">
      <Link to={`/wallet/${NEW_WALLET_PATH}`} className="button" data-kind="primary">
        <Icon name="plus" />
        {texts.list.create}
      </Link>
      <Link to={`/wallet/${RESTORE_WALLET_PATH}`} className="button">
        {restoreText}
      </Link>
    </div>
  );
}

function WalletList({ known }: { readonly known: readonly KnownWallet[] }): ReactNode {
  const { wallet: texts } = useMessages();
  const open = known.filter(({ isOpen }) => isOpen);
  const closed = known.filter(({ isOpen }) => !isOpen);
  return (
    <>
      {open.length > 1 && <WholeBalance names={open.map(({ name }) => name)} />}
      {open.length > 0 && (
        <ul className="wallet-cards">
          {open.map(({ name }) => (
            <li key={name}>
              <WalletCard name={name} />
            </li>
          ))}
        </ul>
      )}
      <NewWalletLinks restoreText={texts.list.restoreShort} />
      {closed.length > 0 && <ClosedWallets names={closed.map(({ name }) => name)} />}
    </>
  );
}

/** What all open wallets hold together; the sum is ruled twice, as in a ledger. */
function WholeBalance({ names }: { readonly names: readonly string[] }): ReactNode {
  const { wallet: texts } = useMessages();
  const client = useClient();
  const balances = useQueries({ queries: names.map((name) => walletBalanceQuery(client, name)) });
  if (balances.some(({ data }) => data === undefined)) return null;
  const sumSat = balances.reduce((sum, { data }) => sum + (data?.confirmedSat ?? 0), 0);
  return (
    <Stats>
      <Stat name={texts.list.total}>
        <span className="total">
          <Amount sat={sumSat} />
        </span>
      </Stat>
    </Stats>
  );
}

function WalletCard({ name }: { readonly name: string }): ReactNode {
  const { wallet: texts } = useMessages();
  const client = useClient();
  const info = useQuery(walletInfoQuery(client, name));
  const balance = useQuery(walletBalanceQuery(client, name));
  return (
    <Link to="/wallet/$wallet" params={{ wallet: formatWalletPart(name) }} className="card wallet-card">
      <span className="split">
        <span className="wallet-name">{name === '' ? texts.list.unnamed : plainText(name)}</span>
        {info.data !== undefined && <GuardBadge wallet={info.data} />}
      </span>
      {balance.data === undefined ? (
        <Skeleton lines={1} />
      ) : (
        <span className="wallet-sum">
          <Amount sat={balance.data.confirmedSat} />
        </span>
      )}
      {balance.data !== undefined && balance.data.pendingSat > 0 && (
        <span className="small faint">
          {texts.overview.pending}: <Amount sat={balance.data.pendingSat} isSigned />
        </span>
      )}
    </Link>
  );
}

function ClosedWallets({ names }: { readonly names: readonly string[] }): ReactNode {
  const { wallet: texts } = useMessages();
  const client = useClient();
  const queries = useQueryClient();
  const open = useMutation({
    mutationFn: (name: string) => openWallet(client, name),
    onSuccess: () => queries.invalidateQueries({ queryKey: ['wallet'] }),
  });
  return (
    <Section title={texts.list.closed} help={texts.list.closedHelp}>
      <ul>
        {names.map((name) => (
          <li key={name} className="row row-closed">
            <span className="wallet-name">{name === '' ? texts.list.unnamed : plainText(name)}</span>
            <Button isDisabled={open.isPending} onPress={() => open.mutate(name)}>
              {texts.list.open}
            </Button>
          </li>
        ))}
      </ul>
      {open.error !== null && <WalletFault error={open.error} />}
      {open.isSuccess && <Notice>{texts.list.opened(plainText(open.variables))}</Notice>}
    </Section>
  );
}

// What stands around every page of one wallet: its name, the tabs, and what a person must know whatever they do: that it is unlocked,
// or that it still reads the ledger.

import { type Query, useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Link, Outlet, useMatches, useParams } from '@tanstack/react-router';
import { type ReactNode, useEffect, useRef } from 'react';
import { RpcCallError } from '../../../api/client.ts';
import { RPC_CODE } from '../../../api/errors.ts';
import { Answer } from '../../components/answer.tsx';
import { Button } from '../../components/button.tsx';
import { Page, Skeleton } from '../../components/layout.tsx';
import { Notice } from '../../components/notice.tsx';
import { useClient } from '../../data/app-context.tsx';
import { refresh } from '../../data/refresh.ts';
import { spendableQuery } from '../../data/wallet-coins.ts';
import { balanceSeriesQuery, latestHistoryQuery } from '../../data/wallet-history.ts';
import { tipHeightQuery, type WalletInfo, walletBalanceQuery, walletInfoQuery } from '../../data/wallet-info.ts';
import { lockKeys } from '../../data/wallet-keys.ts';
import { feeKnowledgeQuery } from '../../data/wallet-pay.ts';
import { plainText } from '../../format/short-text.ts';
import { useFigures, useMessages } from '../../i18n/messages.tsx';
import { GuardBadge } from './guard-badge.tsx';
import './wallet.css';
import './wallet-rows.css';
import { WalletProvider } from './wallet-context.tsx';
import { UNSAVED, WalletFault } from './wallet-fault.tsx';
import { parseWalletPart } from './wallet-path.ts';

const TABS = [
  { name: 'overview', to: '/wallet/$wallet' },
  { name: 'receive', to: '/wallet/$wallet/receive' },
  { name: 'send', to: '/wallet/$wallet/send' },
  { name: 'history', to: '/wallet/$wallet/history' },
  { name: 'coins', to: '/wallet/$wallet/coins' },
  { name: 'psbt', to: '/wallet/$wallet/psbt' },
  { name: 'safety', to: '/wallet/$wallet/safety' },
] as const;

/** The frame of one wallet. */
export function WalletFrame(): ReactNode {
  const { wallet: texts } = useMessages();
  const { wallet: part } = useParams({ from: '/wallet/$wallet' });
  const name = parseWalletPart(part);
  const info = useQuery(walletInfoQuery(useClient(), name));
  useFirstQuestions(name);
  useFollowedChain(info.data);
  const title = name === '' ? texts.list.unnamed : plainText(name);
  return (
    <Page title={title} aside={info.data === undefined ? undefined : <GuardBadge wallet={info.data} />}>
      <Answer of={info} waiting={<Skeleton lines={5} />} onFault={describeClosed}>
        {(wallet) => (
          <WalletProvider wallet={wallet}>
            <div className="stack wallet-frame">
              <WalletTabs part={part} />
              <WalletNews wallet={wallet} />
              <div className="stack-l">
                <Outlet key={name} />
              </div>
            </div>
          </WalletProvider>
        )}
      </Answer>
    </Page>
  );
}

function describeClosed(error: unknown): ReactNode {
  if (!(error instanceof RpcCallError)) return null;
  if (UNSAVED.test(error.message)) return <WalletFault error={error} />;
  return error.code === RPC_CODE.WALLET_NOT_FOUND ? <ClosedWallet /> : null;
}

function ClosedWallet(): ReactNode {
  const { wallet: texts } = useMessages();
  return (
    <Notice
      kind="warn"
      title={texts.frame.notOpen}
      actions={
        <Link to="/wallet" className="button">
          {texts.frame.all}
        </Link>
      }
    >
      {texts.frame.notOpenHelp}
    </Notice>
  );
}

function WalletTabs({ part }: { readonly part: string }): ReactNode {
  const { wallet: texts } = useMessages();
  const bar = useRef<HTMLElement>(null);
  useEffect(() => {
    bar.current?.querySelector('[aria-current="page"]')?.scrollIntoView({ block: 'nearest', inline: 'center' });
  });
  return (
    <nav ref={bar} className="tabs" aria-label={texts.frame.tabs}>
      {TABS.map(({ name, to }) => (
        <Link
          key={name}
          to={to}
          params={{ wallet: part }}
          activeOptions={{ exact: true, includeSearch: false }}
          className="tab"
        >
          {texts.frame[name]}
        </Link>
      ))}
    </nav>
  );
}

function WalletNews({ wallet }: { readonly wallet: WalletInfo }): ReactNode {
  const { wallet: texts } = useMessages();
  const figures = useFigures();
  const client = useClient();
  const lock = useMutation({ mutationFn: () => lockKeys(client, wallet.name) });
  return (
    <>
      {wallet.scanShare !== null && (
        <Notice>
          <label className="stack">
            {texts.frame.scanning(figures.percent(wallet.scanShare))}
            <progress className="progress" value={wallet.scanShare} max={1} />
          </label>
        </Notice>
      )}
      {wallet.guard === 'unlocked' && (
        <Notice
          kind="warn"
          title={texts.list.unlocked}
          actions={<Button onPress={() => lock.mutate()}>{texts.frame.lockNow}</Button>}
        >
          {texts.frame.unlockedHelp}
        </Notice>
      )}
    </>
  );
}

/** Asks what the page inside will ask, while the wallet itself is asked for: one way to the node and back less. */
function useFirstQuestions(name: string): void {
  const client = useClient();
  const queries = useQueryClient();
  const tab = useMatches({ select: (matches) => matches.at(-1)?.fullPath });
  useEffect(() => {
    const once = { staleTime: Number.POSITIVE_INFINITY };
    if (tab === '/wallet/$wallet/send') {
      void queries.prefetchQuery({ ...spendableQuery(client, name), ...once });
      void queries.prefetchQuery({ ...feeKnowledgeQuery(client), ...once });
    }
    if (tab === '/wallet/$wallet/') {
      void queries.prefetchQuery({ ...walletBalanceQuery(client, name), ...once });
      void queries.prefetchQuery({ ...balanceSeriesQuery(client, name), ...once });
    }
    if (tab === '/wallet/$wallet/' || tab === '/wallet/$wallet/history') {
      void queries.prefetchQuery({ ...latestHistoryQuery(client, name), ...once });
    }
  }, [client, queries, name, tab]);
}

/**
 * What follows from the ledger beside the wallet's own payments: with each block rewards ripen and coins grow older. After the ledger
 * was read again, old payments may have appeared: the history is fetched anew.
 */
function useFollowedChain(wallet: WalletInfo | undefined): void {
  const queries = useQueryClient();
  const { data: height, dataUpdatedAt: heardMs } = useQuery(tipHeightQuery(useClient()));
  const name = wallet?.name;
  const isScanning = wallet !== undefined && wallet.scanShare !== null;
  useEffect(() => {
    if (name === undefined || height === undefined) return;
    for (const part of ['balance', 'coins'] as const) {
      const queryKey = ['wallet', name, part] as const;
      // What was answered since, or is on its way for the first time, knows of that block.
      const isOld = ({ state }: Query): boolean => state.dataUpdatedAt > 0 && state.dataUpdatedAt < heardMs;
      if (queries.getQueryCache().findAll({ queryKey, predicate: isOld }).length > 0) refresh(queries, queryKey);
    }
  }, [queries, name, height, heardMs]);
  useEffect(() => {
    if (!isScanning || name === undefined) return undefined;
    return () => void queries.resetQueries({ queryKey: ['wallet', name, 'history'] });
  }, [queries, name, isScanning]);
}

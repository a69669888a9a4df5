// Which address shows which view. A view is loaded when it is first shown; it gets one line here and one in shell/navigation.tsx.

import {
  createRootRoute,
  createRoute,
  createRouter,
  lazyRouteComponent as load,
  redirect,
} from '@tanstack/react-router';
import { Skeleton } from './components/layout.tsx';
import { FaultPage, NotFoundPage } from './shell/fault-page.tsx';
import { Shell } from './shell/shell.tsx';

const root = createRootRoute({ component: Shell, notFoundComponent: NotFoundPage });
const parent = { getParentRoute: () => root };

/** The block that has a transaction, where the link knows it. */
function readTransactionSearch(search: Readonly<Record<string, unknown>>): { readonly block?: string } {
  const { block: hash } = search;
  return typeof hash === 'string' && /^[0-9a-f]{64}$/.test(hash) ? { block: hash } : {};
}

/** The coin that is traced; the page tells what is no coin. */
function readTraceSearch(search: Readonly<Record<string, unknown>>): { readonly coin?: string } {
  return typeof search['coin'] === 'string' ? { coin: search['coin'] } : {};
}

const home = createRoute({
  ...parent,
  path: '/',
  beforeLoad: () => {
    throw redirect({ to: '/ledger', replace: true });
  },
});
const ledger = createRoute({
  ...parent,
  path: '/ledger',
  component: load(() => import('./views/ledger/ledger-page.tsx'), 'LedgerPage'),
});
const block = createRoute({
  ...parent,
  path: '/block/$block',
  component: load(() => import('./views/ledger/block-page.tsx'), 'BlockPage'),
});
const transaction = createRoute({
  ...parent,
  path: '/tx/$txid',
  validateSearch: readTransactionSearch,
  component: load(() => import('./views/ledger/transaction-page.tsx'), 'TransactionPage'),
});
const address = createRoute({
  ...parent,
  path: '/address/$address',
  component: load(() => import('./views/ledger/address-page.tsx'), 'AddressPage'),
});
const miner = createRoute({
  ...parent,
  path: '/miner',
  component: load(() => import('./views/miner/miner-page.tsx'), 'MinerPage'),
});
const network = createRoute({
  ...parent,
  path: '/network',
  component: load(() => import('./views/network/network-page.tsx'), 'NetworkPage'),
});
const audit = createRoute({
  ...parent,
  path: '/audit',
  component: load(() => import('./views/audit/audit-page.tsx'), 'AuditPage'),
});
const trace = createRoute({
  ...parent,
  path: '/audit/trace',
  validateSearch: readTraceSearch,
  component: load(() => import('./views/audit/trace-page.tsx'), 'TracePage'),
});

/** The coin that is to be pulled into a block by spending it, where the link names one. */
function readSendSearch(search: Readonly<Record<string, unknown>>): { readonly pull?: string } {
  const { pull } = search;
  return typeof pull === 'string' && /^[0-9a-f]{64}:\d{1,6}$/.test(pull) ? { pull } : {};
}

const wallets = createRoute({
  ...parent,
  path: '/wallet',
  component: load(() => import('./views/wallet/wallets-page.tsx'), 'WalletsPage'),
});
const newWallet = createRoute({
  ...parent,
  path: '/wallet/~new',
  component: load(() => import('./views/wallet/create-page.tsx'), 'CreatePage'),
});
const restoredWallet = createRoute({
  ...parent,
  path: '/wallet/~restore',
  component: load(() => import('./views/wallet/restore-page.tsx'), 'RestorePage'),
});
const wallet = createRoute({
  ...parent,
  path: '/wallet/$wallet',
  component: load(() => import('./views/wallet/wallet-frame.tsx'), 'WalletFrame'),
});
const inWallet = { getParentRoute: () => wallet };
const overview = createRoute({
  ...inWallet,
  path: '/',
  component: load(() => import('./views/wallet/overview-page.tsx'), 'OverviewPage'),
});
const receive = createRoute({
  ...inWallet,
  path: '/receive',
  component: load(() => import('./views/wallet/receive-page.tsx'), 'ReceivePage'),
});
const send = createRoute({
  ...inWallet,
  path: '/send',
  validateSearch: readSendSearch,
  component: load(() => import('./views/wallet/send-page.tsx'), 'SendPage'),
});
const history = createRoute({
  ...inWallet,
  path: '/history',
  component: load(() => import('./views/wallet/history-page.tsx'), 'HistoryPage'),
});
const coins = createRoute({
  ...inWallet,
  path: '/coins',
  component: load(() => import('./views/wallet/coins-page.tsx'), 'CoinsPage'),
});
const psbt = createRoute({
  ...inWallet,
  path: '/psbt',
  component: load(() => import('./views/wallet/psbt-page.tsx'), 'PsbtPage'),
});
const safety = createRoute({
  ...inWallet,
  path: '/safety',
  component: load(() => import('./views/wallet/safety-page.tsx'), 'SafetyPage'),
});
const oneWallet = wallet.addChildren([overview, receive, send, history, coins, psbt, safety]);
const learn = createRoute({
  ...parent,
  path: '/learn',
  component: load(() => import('./views/learn/learn-page.tsx'), 'LearnPage'),
});
const lesson = createRoute({
  ...parent,
  path: '/learn/$lesson',
  component: load(() => import('./views/learn/lesson-page.tsx'), 'LessonPage'),
});

const tree = root.addChildren([
  home,
  ledger,
  block,
  transaction,
  address,
  wallets,
  newWallet,
  restoredWallet,
  oneWallet,
  miner,
  network,
  audit,
  trace,
  learn,
  lesson,
]);

/** The router of the page. */
export const router = createRouter({
  routeTree: tree,
  defaultPreload: 'intent',
  scrollRestoration: true,
  defaultPendingComponent: Skeleton,
  defaultErrorComponent: FaultPage,
});

declare module '@tanstack/react-router' {
  interface Register {
    router: typeof router;
  }
}

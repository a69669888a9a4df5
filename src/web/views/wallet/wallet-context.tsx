// The wallet that a page is about, for all that stands in its frame.

import { createContext, type ReactNode, useContext } from 'react';
import type { WalletInfo } from '../../data/wallet-info.ts';

const WalletContext = createContext<WalletInfo | null>(null);

/** Gives a wallet to everything inside. */
export function WalletProvider({
  wallet,
  children,
}: {
  readonly wallet: WalletInfo;
  readonly children: ReactNode;
}): ReactNode {
  return <WalletContext value={wallet}>{children}</WalletContext>;
}

/** The wallet that the page is about. */
export function useWallet(): WalletInfo {
  const wallet = useContext(WalletContext);
  if (wallet === null) throw new Error('useWallet outside of WalletProvider');
  return wallet;
}

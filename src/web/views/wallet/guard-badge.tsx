// A word about the keys of a wallet: locked, unlocked, or none at all. Keys that lie open need no word in a list.

import type { ReactNode } from 'react';
import { Badge } from '../../components/layout.tsx';
import type { WalletInfo } from '../../data/wallet-info.ts';
import { useMessages } from '../../i18n/messages.tsx';

/** The word. */
export function GuardBadge({ wallet }: { readonly wallet: WalletInfo }): ReactNode {
  const { wallet: texts } = useMessages();
  if (!wallet.hasKeys) return <Badge>{texts.list.watching}</Badge>;
  if (wallet.guard === 'locked') return <Badge kind="good">{texts.list.locked}</Badge>;
  return wallet.guard === 'unlocked' ? <Badge kind="warn">{texts.list.unlocked}</Badge> : null;
}

// What the node refused about a wallet, in words that say what to do; for the rest the words that all views have.

import { type ReactNode, useEffect, useRef } from 'react';
import { ConnectionError, RpcCallError } from '../../../api/client.ts';
import { RPC_CODE } from '../../../api/errors.ts';
import { Fault, Notice, REFUSAL_LETTERS_MAX } from '../../components/notice.tsx';
import { ReviewMismatchError } from '../../data/wallet-pay.ts';
import { plainText } from '../../format/short-text.ts';
import type { Messages } from '../../i18n/en.ts';
import { useMessages } from '../../i18n/messages.tsx';

interface Words {
  readonly title: string;
  readonly help: string;
}

/** The node cannot write the file of a wallet, and leaves the wallet alone from then on. */
export const UNSAVED = /could not be saved/;

/** Sentences of the node by what they begin with or contain. */
const SENTENCES: readonly (readonly [RegExp, keyof Messages['wallet']['fault']])[] = Object.freeze([
  [UNSAVED, 'unsaved'],
  [/insufficient funds/i, 'funds'],
  [/amount is too small|dust/i, 'dust'],
  [/fee.*(?:exceeds|higher|maximum)|max-fee-exceeded|max feerate/i, 'feeHigh'],
  [/fee rate.*lower than|min relay fee not met|mempool min fee not met|insufficient fee/i, 'feeLow'],
  [
    /missingorspent|expected unspent output|output already locked|txn-mempool-conflict|already spent|not found or already spent/i,
    'spent',
  ],
  [/too large|max.*weight|exceeds.*weight/i, 'large'],
  [/already exists|database already/i, 'exists'],
  [/not eligible|mempool descendants|already mined|conflicts with|not.*replaceable/i, 'noRaise'],
  [/keypool ran out|no available keys/i, 'noKeys'],
]);

function findWords(error: unknown, { wallet }: Messages): Words | null {
  const texts = wallet.fault;
  if (error instanceof ReviewMismatchError) return { title: wallet.review.mismatch, help: wallet.review.mismatchHelp };
  if (error instanceof ConnectionError && error.fault === 'unreachable') return texts.lost;
  if (!(error instanceof RpcCallError)) return null;
  if (error.code === RPC_CODE.WALLET_INSUFFICIENT_FUNDS) return texts.funds;
  if (error.code === RPC_CODE.WALLET_UNLOCK_NEEDED) return texts.locked;
  if (error.code === RPC_CODE.DESERIALIZATION_ERROR) return texts.unreadable;
  const known = SENTENCES.find(([pattern]) => pattern.test(error.message));
  return known === undefined ? null : texts[known[1]];
}

interface WalletFaultProps {
  readonly error: unknown;
}

/** A fault of an act with a wallet, told where the person who acted sees it. */
export function WalletFault({ error }: WalletFaultProps): ReactNode {
  const place = useRef<HTMLDivElement>(null);
  useEffect(() => place.current?.scrollIntoView({ block: 'nearest' }), []);
  return (
    <div ref={place} className="wallet-fault">
      <FaultWords error={error} />
    </div>
  );
}

function FaultWords({ error }: WalletFaultProps): ReactNode {
  const messages = useMessages();
  const words = findWords(error, messages);
  if (words === null) return <Fault error={error} />;
  const { title, help } = words;
  return (
    <Notice kind="bad" title={title}>
      <p>{help}</p>
      {error instanceof RpcCallError && <p className="small faint">{plainText(error.message, REFUSAL_LETTERS_MAX)}</p>}
    </Notice>
  );
}

// Payments of a wallet within one of its commands: coins and settings are gathered, the transaction is built, signed, stored and only
// then handed to the node (Core CreateTransaction, CommitTransaction). An address for change is used up only when there is change.

import { formatOutpoint, type Outpoint } from '../../kernel/primitives/outpoint.ts';
import type { Transaction, TransactionOutput } from '../../kernel/primitives/transaction.ts';
import { SIGHASH } from '../../kernel/script/sighash-type.ts';
import { err, ok, type Result } from '../../kernel/util/result.ts';
import type { Steps } from '../../kernel/util/steps.ts';
import type { AddressType } from '../books/available-coin.ts';
import { runSteps } from '../books/change-list.ts';
import { ALL_COINS } from '../books/coins.ts';
import type { GivenScript } from '../books/script-book.ts';
import type { TransactionNotes, WalletTransaction } from '../books/wallet-transaction.ts';
import { measureDescriptorInput } from '../descriptor/input-size.ts';
import { type SignedTransaction, signTransaction } from '../sign-transaction.ts';
import { chooseChangeType } from '../tx-builder/change.ts';
import type { CoinControl } from '../tx-builder/coin-control.ts';
import type { GroupingFees, Recipient } from '../tx-builder/created.ts';
import type { ChangeSource, SpendEnvironment } from '../tx-builder/environment.ts';
import type { LocktimeSources } from '../tx-builder/locktime.ts';
import type { KnownOutput } from '../tx-builder/preset.ts';
import type { SpendError } from '../tx-builder/spend-error.ts';
import type { Wallet } from './wallet.ts';
import { WalletDraft } from './wallet-draft.ts';

/** What the address for change depends on. */
export interface ChangeWishes {
  readonly recipients: readonly Pick<Recipient, 'scriptPubKey'>[];
  readonly control: Pick<CoinControl, 'changeScript'>;
  /** Null: as the wallet is set. */
  readonly changeType: AddressType | null;
}

/** What building can end in, as far as change goes. */
interface Built {
  readonly transaction: Transaction;
  readonly changePosition?: number | null;
  readonly grouping?: GroupingFees | null;
}

/** Every address type. */
const ADDRESS_TYPES: readonly AddressType[] = ['legacy', 'p2sh-segwit', 'bech32', 'bech32m'];

/**
 * Builds something with what the wallet has. The script for change is given back unless the result has change; the draft holds what is
 * to be stored when the result is used.
 */
export async function buildWithChange<T extends Built>(
  wallet: Wallet,
  wishes: ChangeWishes,
  draft: WalletDraft,
  build: (environment: SpendEnvironment) => Steps<Result<T, SpendError>>,
): Promise<Result<T, SpendError>> {
  const { scripts } = wallet.books;
  const given = wishes.control.changeScript === null ? await reserveChange(wallet, wishes, draft) : null;
  const change: ChangeSource =
    given === null || !given.ok
      ? { script: null, fault: given === null ? '' : given.error }
      : { script: given.value.script, fault: null };
  let built: Result<T, SpendError> | null = null;
  try {
    built = await buildInTurns(wallet, change, build);
    if (built.ok) tellGrouping(wallet, built.value.grouping ?? null);
    return built;
  } finally {
    const hasChange = built?.ok === true && (built.value.changePosition ?? null) !== null;
    if (given?.ok === true && !hasChange) scripts.release(given.value, draft.books);
  }
}

/** Builds with all coins; with many of them others have their turn meanwhile. Within a command: the coins stay what they are. */
export async function buildInTurns<T>(
  wallet: Wallet,
  change: ChangeSource,
  build: (environment: SpendEnvironment) => Steps<T>,
): Promise<T> {
  const { yieldToHost } = wallet.host;
  const environment = createEnvironment(wallet, change);
  await yieldToHost();
  return runSteps(build(environment), yieldToHost, 1);
}

function tellGrouping({ name, log }: Wallet, fees: GroupingFees | null): void {
  if (fees === null) return;
  const { singleFeeSat, groupedFeeSat, isGrouped } = fees;
  const used = isGrouped ? 'grouped' : 'non-grouped';
  log.info(`[${name}] Fee non-grouped = ${singleFeeSat}, grouped = ${groupedFeeSat}, using ${used}`);
}

/** A new address for change of the type that tells strangers the least. */
function reserveChange(
  wallet: Wallet,
  { recipients, changeType }: ChangeWishes,
  draft: WalletDraft,
): Promise<Result<GivenScript, string>> {
  const { books, settings, host } = wallet;
  const available = new Set(ADDRESS_TYPES.filter((type) => books.scripts.active(type, 'change') !== null));
  const type = chooseChangeType(recipients, {
    changeType: changeType ?? settings.changeType,
    addressType: settings.addressType,
    available,
  });
  return runSteps(books.scripts.newAddress(type, 'change', draft.books), host.yieldToHost);
}

/** What a locktime is chosen from. */
export function locktimeSources({ chain, host, rng, lastBlock }: Wallet): LocktimeSources {
  return {
    tip: { height: lastBlock.height, timeSec: chain.findBlock(lastBlock.blockHash)?.timeSec ?? 0 },
    isSynchronised: chain.isSynchronised(),
    nowSec: host.nowSec(),
    rng,
  };
}

/** What transactions are built from. */
function createEnvironment(wallet: Wallet, change: ChangeSource): SpendEnvironment {
  const { books, chain, settings } = wallet;
  const { hasPrivateKeys } = wallet.flags;
  return {
    chain,
    settings: settings.spend,
    coins: books.coins.available(ALL_COINS, ({ txid }) => {
      const { ancestorCount, clusterCount } = chain.mempoolFamily(txid) ?? { ancestorCount: 0, clusterCount: 0 };
      return { ancestorCount, clusterCount };
    }),
    measureInput: (script) => {
      const descriptor = books.scripts.descriptorOf(script);
      return descriptor === null ? null : measureDescriptorInput(descriptor.given, script, hasPrivateKeys);
    },
    change,
    ...locktimeSources(wallet),
  };
}

/** What inputs spend, as the wallet or the chain know it; null where nobody does. */
export async function findKnownOutputs(
  { books, chain }: Wallet,
  outpoints: readonly Outpoint[],
): Promise<readonly (KnownOutput | null)[]> {
  const elsewhere = await chain.findOutputs(outpoints);
  return outpoints.map(({ txid, index }, i) => {
    const known = books.view.find(txid);
    const own = known === null ? null : books.view.ownOutput(known.txidText, index);
    if (known !== null && own !== null) {
      const output = { valueSat: own.valueSat, scriptPubKey: known.transaction.scriptPubKey(index) };
      const depth = books.view.depth(known);
      return { output, isExternal: false, depth, version: known.transaction.version };
    }
    const found = elsewhere[i] ?? null;
    if (found === null) return null;
    const output = { valueSat: found.valueSat, scriptPubKey: found.scriptPubKey };
    return { output, isExternal: true, depth: found.height === null ? 0 : 1, version: 2 };
  });
}

/** The outpoints of a transaction's inputs. */
export function outpointsOf(transaction: Transaction): readonly Outpoint[] {
  return Array.from({ length: transaction.inputCount }, (_, i) => transaction.prevout(i));
}

/** Signs what the wallet has keys for. */
export async function signWithWallet(
  { books, secp, host }: Wallet,
  transaction: Transaction,
  outputs: readonly (TransactionOutput | null)[],
  hashType: number = SIGHASH.DEFAULT,
): Promise<SignedTransaction> {
  const scripts = outputs.flatMap((output) => (output === null ? [] : [output.scriptPubKey]));
  const ring = await runSteps(books.scripts.solvingData(scripts, true), host.yieldToHost);
  return runSteps(signTransaction(transaction, outputs, { ring, hashType, secp }), host.yieldToHost);
}

/** Signs a transaction that the wallet alone can complete. */
export async function signWhole(
  wallet: Wallet,
  {
    transaction,
    spentOutputs,
  }: { readonly transaction: Transaction; readonly spentOutputs: readonly TransactionOutput[] },
): Promise<Result<Transaction, string>> {
  const signed = await signWithWallet(wallet, transaction, spentOutputs);
  return signed.faults.size === 0 ? ok(signed.transaction) : err('Signing transaction failed');
}

/** Stores a transaction that the wallet made, with what else the draft holds, and hands it to the node. */
export async function commitTransaction(
  wallet: Wallet,
  transaction: Transaction,
  notes: TransactionNotes,
  draft: WalletDraft,
): Promise<WalletTransaction> {
  const { books, host, chain, settings, log } = wallet;
  const { transactions } = books;
  const added = await runSteps(transactions.addOwn(transaction, notes, host.nowSec(), draft.books), host.yieldToHost);
  const replaced = notes.replacesTxid === undefined ? null : books.view.get(notes.replacesTxid);
  if (replaced !== null) transactions.markReplaced(replaced, added, draft.books);
  await wallet.apply(draft);
  if (!settings.broadcasts) return added;
  const sent = await chain.broadcast(transaction, { maxFeeSat: settings.spend.feeMaxSat, relays: true });
  if (sent.ok) {
    // Told of by the node as well; but what comes next in the queue may spend the change at once.
    await wallet.changeNow((news) => transactions.transactionAdded(transaction, host.nowSec(), news.books));
  } else log.info(`CommitTransaction(): Transaction cannot be broadcast immediately, ${sent.reason}`);
  return added;
}

/** Locks the coins that a transaction spends until the wallet is unloaded. */
export async function lockInputs(wallet: Wallet, transaction: Transaction): Promise<void> {
  const draft = new WalletDraft();
  for (const outpoint of outpointsOf(transaction)) {
    wallet.books.locks.lock(formatOutpoint(outpoint), false, draft.books);
  }
  await wallet.apply(draft);
}

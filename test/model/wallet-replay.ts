// What a wallet must say of itself, told by a slow walk over the whole ledger with nothing but its scripts: every coin, what is sure,
// what waits, what is too young, what every transaction brought. A witness against the wallet: it shares no code with src, keeps nothing
// from one walk to the next, and knows reorganisations only as another list of pages.

/** A transaction in words; outputs are named `txid:number`. */
export interface PlainTransaction {
  readonly txid: string;
  readonly isCoinbase: boolean;
  readonly spends: readonly string[];
  readonly outputs: readonly { readonly valueSat: number; readonly script: string }[];
}

/** What a node has at one moment. */
export interface PlainLedger {
  /** Pages by height, from the first. */
  readonly pages: readonly (readonly PlainTransaction[])[];
  /** Transactions that wait, in any order. */
  readonly waiting: readonly PlainTransaction[];
}

/** A coin of a wallet. */
export interface PlainCoin {
  readonly valueSat: number;
  /** 0 while it waits. */
  readonly confirmations: number;
}

/** What a walk comes to. */
export interface WalletFacts {
  readonly trustedSat: number;
  readonly pendingSat: number;
  readonly immatureSat: number;
  /** What idle transactions spend, as a negative number. */
  readonly idleSat: number;
  /** Coins that could be spent by now, by name; without those that idle transactions spend. */
  readonly coins: ReadonlyMap<string, PlainCoin>;
  /** Transactions that pay or spend own scripts, with their confirmations. */
  readonly touched: ReadonlyMap<string, number>;
  /** What each of them brought, less what it took; a reward that is too young nothing yet. */
  readonly netSat: ReadonlyMap<string, number>;
  /** The fees of those that the wallet alone has paid. */
  readonly feesSat: ReadonlyMap<string, number>;
}

/** A reward can be spent when it has more than so many confirmations. */
const MATURITY = 100;

interface OwnOutput {
  readonly txid: string;
  readonly valueSat: number;
  readonly confirmations: number;
  readonly isCoinbase: boolean;
}

/** Walks. `idle` are transactions of the wallet that stand nowhere, and whose inputs it holds back. */
export function replayWallet(
  ledger: PlainLedger,
  own: ReadonlySet<string>,
  idle: readonly PlainTransaction[] = [],
): WalletFacts {
  const placed = placeAll(ledger);
  const outputs: Map<string, OwnOutput> = new Map();
  const takers: Map<string, PlainTransaction> = new Map();
  for (const { tx, confirmations } of placed) {
    for (const [number, { valueSat, script }] of tx.outputs.entries()) {
      if (!own.has(script)) continue;
      outputs.set(`${tx.txid}:${number}`, { txid: tx.txid, valueSat, confirmations, isCoinbase: tx.isCoinbase });
    }
    if (!tx.isCoinbase) for (const name of tx.spends) take(takers, name, tx);
  }
  const waiting = new Map(ledger.waiting.map((tx) => [tx.txid, tx]));
  const held = new Set(idle.flatMap(({ spends }) => spends));
  const sums = { trustedSat: 0, pendingSat: 0, immatureSat: 0, idleSat: 0 };
  const coins: Map<string, PlainCoin> = new Map();
  for (const [name, output] of outputs) {
    if (takers.has(name)) continue;
    const { valueSat, confirmations } = output;
    const isYoung = isImmature(output, confirmations);
    if (isYoung) sums.immatureSat += valueSat;
    else if (confirmations > 0 || isOwnChange(output.txid, waiting, outputs)) sums.trustedSat += valueSat;
    else sums.pendingSat += valueSat;
    if (held.has(name)) sums.idleSat -= valueSat;
    else if (!isYoung) coins.set(name, { valueSat, confirmations });
  }
  return { ...sums, coins, ...sumUp(placed, outputs, own) };
}

interface Placed {
  readonly tx: PlainTransaction;
  readonly confirmations: number;
}

function placeAll({ pages, waiting }: PlainLedger): readonly Placed[] {
  // What the first page pays was never a coin.
  const confirmed = pages.flatMap((page, height) =>
    height === 0 ? [] : page.map((tx) => ({ tx, confirmations: pages.length - height })),
  );
  return [...confirmed, ...waiting.map((tx) => ({ tx, confirmations: 0 }))];
}

function take(takers: Map<string, PlainTransaction>, name: string, tx: PlainTransaction): void {
  const other = takers.get(name);
  if (other !== undefined) throw new Error(`${name} is spent by ${other.txid} and by ${tx.txid}`);
  takers.set(name, tx);
}

/** A transaction that waits and all of whose money was the wallet's: confirmed, or such change itself. */
function isOwnChange(
  txid: string,
  waiting: ReadonlyMap<string, PlainTransaction>,
  outputs: ReadonlyMap<string, OwnOutput>,
): boolean {
  return waiting.get(txid)!.spends.every((name) => {
    const output = outputs.get(name);
    if (output === undefined) return false;
    return output.confirmations > 0 || isOwnChange(output.txid, waiting, outputs);
  });
}

function sumUp(
  placed: readonly Placed[],
  outputs: ReadonlyMap<string, OwnOutput>,
  own: ReadonlySet<string>,
): Pick<WalletFacts, 'touched' | 'netSat' | 'feesSat'> {
  const touched: Map<string, number> = new Map();
  const netSat: Map<string, number> = new Map();
  const feesSat: Map<string, number> = new Map();
  for (const { tx, confirmations } of placed) {
    const paid = tx.outputs.filter(({ script }) => own.has(script));
    const spent = tx.isCoinbase ? [] : tx.spends.flatMap((name) => outputs.get(name) ?? []);
    if (paid.length === 0 && spent.length === 0) continue;
    touched.set(tx.txid, confirmations);
    netSat.set(tx.txid, isImmature(tx, confirmations) ? 0 : sumOf(paid) - sumOf(spent));
    if (!tx.isCoinbase && spent.length === tx.spends.length) feesSat.set(tx.txid, sumOf(spent) - sumOf(tx.outputs));
  }
  return { touched, netSat, feesSat };
}

function isImmature({ isCoinbase }: { readonly isCoinbase: boolean }, confirmations: number): boolean {
  return isCoinbase && confirmations <= MATURITY;
}

function sumOf(parts: readonly { readonly valueSat: number }[]): number {
  return parts.reduce((sum, { valueSat }) => sum + valueSat, 0);
}

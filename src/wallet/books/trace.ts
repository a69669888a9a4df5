// Where money comes from: from coins back through the wallet's own transactions to the payments of others and the rewards that they
// go back to. Data only; a picture of it is somebody else's.

import type { TxView } from './tx-view.ts';
import type { OwnOutput, TxState, WalletTransaction } from './wallet-transaction.ts';

/** What a transaction on the way back is. */
export type TraceKind =
  /** A reward: the money is new. */
  | 'reward'
  /** Others paid: nothing further is known here. */
  | 'received'
  /** Own coins paid, alone. */
  | 'own'
  /** Own coins and those of others. */
  | 'shared';

/** An own output on the way. */
export interface TraceOutput {
  /** `txid:index`. */
  readonly name: string;
  readonly valueSat: number;
  readonly scriptHex: string;
}

/** A transaction on the way back. */
export interface TraceStep {
  readonly transaction: WalletTransaction;
  readonly kind: TraceKind;
  /** Where it stands: its block and height, when it has one. */
  readonly state: TxState;
  /** The fewest transactions between it and the coins asked for. */
  readonly distance: number;
  /** Its outputs that lead to the coins asked for. */
  readonly outputs: readonly TraceOutput[];
  /** Own outputs that it spent: where the way goes on. */
  readonly spent: readonly TraceOutput[];
  /** What all own inputs brought, and what all outputs hold. */
  readonly spentSat: number;
  readonly paidSat: number;
}

/** The way back. */
export interface Trace {
  /** Nearest first. */
  readonly steps: readonly TraceStep[];
  /** There was more than could be shown. */
  readonly isCut: boolean;
  /** Sum of the coins asked for. */
  readonly valueSat: number;
  /** Own outputs of rewards and of payments by others that the way ends at. */
  readonly origins: readonly TraceOutput[];
}

/** Steps that a trace has at most when nobody says: what a person looks at, and more. */
export const TRACE_STEPS_MAX = 1000;

/** Follows own outputs back to where they came from, nearest first, over `stepsMax` transactions at most. */
export function traceOutputs(view: TxView, coins: readonly OwnOutput[], stepsMax: number = TRACE_STEPS_MAX): Trace {
  const wanted: Map<WalletTransaction, Set<OwnOutput>> = new Map();
  const order: { readonly transaction: WalletTransaction; readonly distance: number }[] = [];
  const want = (output: OwnOutput, distance: number): void => {
    const outputs = wanted.get(output.from);
    if (outputs !== undefined) outputs.add(output);
    else {
      wanted.set(output.from, new Set([output]));
      order.push({ transaction: output.from, distance });
    }
  };
  for (const coin of coins) want(coin, 0);
  const count = (): number => Math.min(order.length, stepsMax);
  for (let i = 0; i < count(); i++) {
    const { transaction, distance } = order[i]!;
    for (const spent of view.spentBy(transaction)) if (spent !== null) want(spent, distance + 1);
  }
  const steps = order.slice(0, stepsMax).map((item) => createStep(view, item, [...wanted.get(item.transaction)!]));
  const origins = steps.filter(({ spent }) => spent.length === 0).flatMap(({ outputs }) => outputs);
  const valueSat = coins.reduce((sum, coin) => sum + coin.valueSat, 0);
  return { steps, isCut: order.length > stepsMax, valueSat, origins };
}

function createStep(
  view: TxView,
  { transaction, distance }: { readonly transaction: WalletTransaction; readonly distance: number },
  outputs: readonly OwnOutput[],
): TraceStep {
  const spent = view.spentBy(transaction).filter((output) => output !== null);
  const { transaction: tx, state, debitSat } = transaction;
  let paidSat = 0;
  for (let index = 0; index < tx.outputCount; index++) paidSat += tx.valueSat(index);
  return {
    transaction,
    kind: kindOf(transaction, spent.length),
    state,
    distance,
    outputs: outputs.map(toTraceOutput),
    spent: spent.map(toTraceOutput),
    spentSat: debitSat,
    paidSat,
  };
}

function kindOf({ isCoinbase, transaction }: WalletTransaction, ownInputCount: number): TraceKind {
  if (isCoinbase) return 'reward';
  if (ownInputCount === 0) return 'received';
  return ownInputCount === transaction.inputCount ? 'own' : 'shared';
}

function toTraceOutput({ name, valueSat, scriptHex }: OwnOutput): TraceOutput {
  return { name, valueSat, scriptHex };
}

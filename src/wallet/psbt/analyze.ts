// How far a PSBT is: what each input lacks, who is to have it next, what it pays, and how large it will be (Core AnalyzePSBT).

import { CoinRef } from '../../kernel/consensus/coin.ts';
import { computeSigopCost } from '../../kernel/consensus/sigop-cost.ts';
import { SpentCoins } from '../../kernel/consensus/spent-coins.ts';
import type { Secp256k1 } from '../../kernel/crypto/secp256k1.ts';
import { computeFeerate } from '../../kernel/policy/feerate.ts';
import { computeVsize } from '../../kernel/policy/options.ts';
import { isMoneyRange } from '../../kernel/primitives/amount.ts';
import type { TransactionOutput } from '../../kernel/primitives/transaction.ts';
import { STANDARD_SCRIPT_VERIFY_FLAGS } from '../../kernel/script/flags.ts';
import { isUnspendable } from '../../kernel/script/script.ts';
import { assert } from '../../kernel/util/assert.ts';
import type { Steps } from '../../kernel/util/steps.ts';
import { KeyRing } from '../descriptor/key-ring.ts';
import type { MissingParts } from '../signature-data.ts';
import type { Psbt } from './psbt.ts';
import { PsbtSession } from './psbt-session.ts';
import { spentOutputOf, toFinalTransaction } from './psbt-transaction.ts';

/** Who handles a PSBT (BIP174), in the order of the work. */
export const PSBT_ROLES = ['creator', 'updater', 'signer', 'finalizer', 'extractor'] as const;

/** One of {@link PSBT_ROLES}. */
export type PsbtRole = (typeof PSBT_ROLES)[number];

/** What is known of an input. */
export interface InputAnalysis {
  readonly hasUtxo: boolean;
  readonly isFinal: boolean;
  readonly next: PsbtRole;
  /** Null where nothing is. */
  readonly missing: Readonly<MissingParts> | null;
}

/** What the transaction will weigh once it is signed. */
export interface PsbtEstimate {
  readonly vsize: number;
  readonly feerateSatPerKvb: number;
}

/** What is known of a PSBT. */
export interface PsbtAnalysis {
  /** A sentence, where it can be no transaction; then nothing else is said. */
  readonly error: string | null;
  readonly inputs: readonly InputAnalysis[];
  readonly next: PsbtRole;
  /** Null where an output that is spent is unknown. */
  readonly feeSat: number | null;
  /** Null as well where an input cannot be imagined with signatures. */
  readonly estimate: PsbtEstimate | null;
}

/** What the analysis needs besides the PSBT. */
export interface AnalysisOptions {
  readonly secp: Secp256k1;
  /** Virtual bytes that a signature operation counts for (option -bytespersigop). */
  readonly bytesPerSigop: number;
}

const NOBODY = new KeyRing();

/** Looks at every input, one a step. */
export function* analyzePsbt(psbt: Psbt, options: AnalysisOptions): Steps<PsbtAnalysis> {
  const session = PsbtSession.open(psbt, options.secp);
  if (session === null) return invalid('PSBT cannot be made into a valid transaction');
  const outputs = psbt.inputs.map(spentOutputOf);
  const inputs: InputAnalysis[] = [];
  let inSat = 0;
  for (const [i, output] of outputs.entries()) {
    yield;
    if (output !== null) {
      const { valueSat, scriptPubKey } = output;
      if (!isMoneyRange(valueSat) || !isMoneyRange(inSat + valueSat)) {
        return invalid(`PSBT is not valid. Input ${i} has invalid value`);
      }
      inSat += valueSat;
      if (isUnspendable(scriptPubKey, 0, scriptPubKey.length)) {
        return invalid(`PSBT is not valid. Input ${i} spends unspendable output`);
      }
    }
    inputs.push(analyzeInput(session, i, output !== null));
  }
  const next = PSBT_ROLES[rolesOf(inputs).reduce((least, role) => Math.min(least, role))]!;
  const known = outputs.filter((output): output is TransactionOutput => output !== null);
  if (known.length < outputs.length) return { error: null, inputs, next, feeSat: null, estimate: null };
  const outSat = sumOutputs(psbt);
  if (outSat === null) return invalid('PSBT is not valid. Output amount invalid');
  const feeSat = inSat - outSat;
  return { error: null, inputs, next, feeSat, estimate: yield* estimate(session, known, feeSat, options) };
}

function invalid(error: string): PsbtAnalysis {
  return { error, inputs: [], next: 'creator', feeSat: null, estimate: null };
}

function rolesOf(inputs: readonly InputAnalysis[]): readonly number[] {
  const roles = new Set(inputs.map(({ next }) => PSBT_ROLES.indexOf(next)));
  return [PSBT_ROLES.indexOf('extractor'), ...roles];
}

function analyzeInput(session: PsbtSession, i: number, hasUtxo: boolean): InputAnalysis {
  if (session.isSigned(i)) return { hasUtxo, isFinal: true, next: 'extractor', missing: null };
  // With final scripts that are no good, or complete: who finishes inputs is next.
  const { fault, data } = session.signInput(i, NOBODY, { hashType: null, finalizes: true });
  if (fault === null) return { hasUtxo, isFinal: false, next: 'finalizer', missing: null };
  const missing = data?.missing ?? null;
  const lacksSignaturesAlone =
    missing !== null &&
    missing.signatures.length > 0 &&
    missing.publicKeys.length === 0 &&
    missing.redeemScriptHash === null &&
    missing.witnessScriptHash === null;
  return { hasUtxo, isFinal: false, next: lacksSignaturesAlone ? 'signer' : 'updater', missing };
}

/** Null when a value or the sum is no amount of money. */
function sumOutputs({ outputs }: Psbt): number | null {
  let sum = 0;
  for (const { valueSat } of outputs) {
    sum += valueSat;
    if (!isMoneyRange(valueSat) || !isMoneyRange(sum)) return null;
  }
  return sum;
}

/** The transaction with placeholders for the signatures that are missing. */
function* estimate(
  session: PsbtSession,
  outputs: readonly TransactionOutput[],
  feeSat: number,
  { bytesPerSigop }: AnalysisOptions,
): Steps<PsbtEstimate | null> {
  const coins = new SpentCoins(outputs.length);
  for (const [i, output] of outputs.entries()) {
    yield;
    if (session.fillInput(i, NOBODY).fault !== null) return null;
    coins.append(new CoinRef().pointAtCopy({ ...output, height: 1, isCoinbase: false }));
  }
  const transaction = toFinalTransaction(session.finish());
  assert(transaction !== null, 'psbt: the session has a transaction');
  const sigopCost = computeSigopCost(transaction, coins, 0, STANDARD_SCRIPT_VERIFY_FLAGS);
  const vsize = computeVsize(transaction.weightWu, sigopCost, bytesPerSigop);
  return { vsize, feerateSatPerKvb: computeFeerate(feeSat, vsize) };
}

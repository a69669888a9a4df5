// What the scripts of a transaction say, input by input: under the rules of blocks, without which nothing holds, and under the stricter
// ones of relay.

import type { Coin } from '../../kernel/consensus/coin.ts';
import { rejectTxForScript } from '../../kernel/consensus/script-job.ts';
import { SCRIPT_RULES } from '../../kernel/consensus/script-rules.ts';
import type { SpentCoins } from '../../kernel/consensus/spent-coins.ts';
import type { Secp256k1 } from '../../kernel/crypto/secp256k1.ts';
import { rejectPolicyForScript } from '../../kernel/policy/standard-script.ts';
import { formatHash } from '../../kernel/primitives/hashes.ts';
import type { Transaction } from '../../kernel/primitives/transaction.ts';
import { type ScriptError, scriptErrorMessage } from '../../kernel/script/script-error.ts';
import { formatScript } from '../../kernel/script/script-format.ts';
import { classifyOutput } from '../../kernel/script/solver.ts';
import { InputVerifier } from '../../kernel/script/verify.ts';
import { toHex } from '../../kernel/util/bytes.ts';
import { valueFromAmount } from '../amount.ts';
import type { JsonRecord } from '../json/json-value.ts';
import { field, maybe } from '../schema-words.ts';
import type { ResultSpec } from '../signature.ts';
import type { AnyReject } from './explanation.ts';
import { type Pauses, runInput } from './script-walk.ts';
import type { ShownStage } from './trace.ts';

/** What an input spends, and what became of that. */
export interface SpendingCoins {
  /** In input order; null where it is not known. */
  readonly spent: readonly (Coin | null)[];
  /** The same when all is known; null: scripts are not run. */
  readonly coins: SpentCoins | null;
}

/** Bits of SCRIPT_VERIFY. */
export interface RuleSets {
  readonly relay: number;
  readonly block: number;
}

/** The fields of the rule behind a failed script. */
export const SCRIPT_FAULT_FIELDS: readonly ResultSpec[] = Object.freeze([
  field('script_error', 'string', 'Name of the failure'),
  maybe('bip', 'number', 'The improvement proposal behind the rule'),
  field('source', 'string', 'The function of Bitcoin Core that holds the rule'),
  field('words', 'string', 'The rule as a sentence'),
  field('words_zh', 'string', 'The same in Chinese'),
]);

/** The fields of an input. */
export const INPUT_FIELDS: readonly ResultSpec[] = Object.freeze([
  field('input', 'number', 'Its number'),
  field('txid', 'hex', 'Transaction of the coin that it spends'),
  field('vout', 'number', 'Number of the output there'),
  maybe('amount', 'amount', 'Value of the coin in BTC'),
  maybe('type', 'string', 'Kind of its script'),
  maybe('asm', 'string', 'Its script as words, unless it is very long'),
  maybe('hex', 'hex', 'Its script'),
  field('result', 'string', 'valid; nonstandard: blocks may contain it and nodes do not relay it; invalid; or unknown'),
  maybe('error', 'string', "Core's message"),
  maybe('explanation', 'object', 'The rule that is broken', { inner: SCRIPT_FAULT_FIELDS }),
]);

/** The rule behind a failed script. */
export function explainScriptError(error: ScriptError): JsonRecord {
  const { bip, source, words, wordsZh } = SCRIPT_RULES[error];
  return { script_error: error, bip, source, words, words_zh: wordsZh };
}

/** What became of the scripts of a transaction. */
export interface ScriptsTrace {
  readonly stage: ShownStage;
  readonly inputs: readonly JsonRecord[];
}

/** Longer scripts are not shown: the largest multisig of twenty keys has 1,325 bytes, and a transaction may spend thousands of coins. */
const SCRIPT_SHOWN_BYTES_MAX = 2_000;

type InputResult = 'valid' | 'nonstandard' | 'invalid' | 'unknown';

/** Runs all scripts, as far as the coins are known. */
export async function traceScripts(
  tx: Transaction,
  { spent, coins }: SpendingCoins,
  flags: RuleSets,
  secp: Secp256k1,
  pauses: Pauses,
): Promise<ScriptsTrace> {
  if (tx.isCoinbase) return { stage: summarize([], null), inputs: [] };
  const inputs: JsonRecord[] = [];
  const results: InputResult[] = [];
  let reject: AnyReject | null = null;
  const outputs = coins?.outputs(0, tx.inputCount) ?? null;
  const verifier = new InputVerifier(secp);
  if (outputs !== null) verifier.setTransaction(tx, outputs);
  const run = (inputIndex: number, set: number): Promise<ScriptError | null> =>
    runInput(secp, { transaction: tx, spent: outputs!, inputIndex, flags: set, verifier }, pauses);
  for (let i = 0; i < tx.inputCount; i++) {
    const relayError = outputs === null ? null : await run(i, flags.relay);
    const blockError = relayError === null ? null : await run(i, flags.block);
    const result: InputResult =
      outputs === null ? 'unknown' : blockError !== null ? 'invalid' : relayError !== null ? 'nonstandard' : 'valid';
    results.push(result);
    inputs.push(formatInput(tx, i, spent[i] ?? null, result, relayError));
    if (relayError !== null) reject ??= rejectInput(tx, coins!, i, relayError, blockError);
    if (pauses.isDue) await pauses.pause();
  }
  return { stage: summarize(results, reject), inputs };
}

/** The refusal that acceptance gives, which is that of relay; but where blocks would refuse it, too, the rule is that of blocks. */
function rejectInput(
  tx: Transaction,
  coins: SpentCoins,
  inputIndex: number,
  relayError: ScriptError,
  blockError: ScriptError | null,
): AnyReject {
  const failure = { txIndex: 0, inputIndex, error: relayError };
  const relay = rejectPolicyForScript(tx, coins, 0, failure);
  return blockError !== null ? { ...relay, rule: rejectTxForScript(tx, failure).rule } : relay;
}

function summarize(results: readonly InputResult[], reject: AnyReject | null): ShownStage {
  const count = (wanted: InputResult): number => results.filter((one) => one === wanted).length;
  const isUnknown = results.length === 0 || count('unknown') > 0;
  const figures = (['valid', 'nonstandard', 'invalid'] as const).map((name) => ({
    name,
    value: count(name),
    unit: 'plain' as const,
  }));
  if (isUnknown) return { stage: 'scripts', outcome: 'unknown', reject: null, figures: [] };
  return { stage: 'scripts', outcome: reject === null ? 'passed' : 'failed', reject, figures };
}

function formatInput(
  tx: Transaction,
  input: number,
  coin: Coin | null,
  result: InputResult,
  error: ScriptError | null,
): JsonRecord {
  const { txid, index } = tx.prevout(input);
  const script = coin?.scriptPubKey ?? null;
  const shown = script !== null && script.length <= SCRIPT_SHOWN_BYTES_MAX ? script : null;
  return {
    input,
    txid: formatHash(txid),
    vout: index,
    amount: coin === null ? undefined : valueFromAmount(coin.valueSat),
    type: script === null ? undefined : classifyOutput(script, 0, script.length),
    asm: shown === null ? undefined : formatScript(shown, 0, shown.length),
    hex: shown === null ? undefined : toHex(shown),
    result,
    error: error === null ? undefined : scriptErrorMessage[error],
    explanation: error === null ? undefined : explainScriptError(error),
  };
}

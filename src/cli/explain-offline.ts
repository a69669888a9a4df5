// Explains a transaction without a node, when all the coins that it spends are described: its form, its amounts and its scripts need
// nothing else. What depends on the chain and the memory pool is left unknown.

import { asList } from '../api/arguments.ts';
import { RpcError } from '../api/errors.ts';
import { formatExplanation } from '../api/format/explanation.ts';
import { explainScriptError, type SpendingCoins, traceScripts } from '../api/format/input-trace.ts';
import { type Pauses, walkInput } from '../api/format/script-walk.ts';
import { formatStage } from '../api/format/trace.ts';
import { parseJson } from '../api/json/json-parser.ts';
import type { JsonObject, JsonOutput, JsonRecord, JsonValue } from '../api/json/json-value.ts';
import { formatJson } from '../api/json/json-writer.ts';
import { packCoins, readPrevouts } from '../api/methods/explain-subject.ts';
import { parseTransaction } from '../api/methods/parse-transaction.ts';
import { POLICY_DEFAULTS } from '../kernel/policy/options.ts';
import { formatHash } from '../kernel/primitives/hashes.ts';
import { formatOutpoint } from '../kernel/primitives/outpoint.ts';
import type { Transaction } from '../kernel/primitives/transaction.ts';
import { MANDATORY_SCRIPT_VERIFY_FLAGS, STANDARD_SCRIPT_VERIFY_FLAGS } from '../kernel/script/flags.ts';
import { scriptErrorMessage } from '../kernel/script/script-error.ts';
import { traceTransaction } from '../node/mempool/trace.ts';
import { loadSecp256k1 } from '../platform/node/secp256k1.ts';

/** Nobody else waits for this process. */
const NO_PAUSES: Pauses = { isDue: false, pause: () => Promise.resolve() };

/** A transaction and the coins that the caller has described. */
export interface OfflineSubject extends SpendingCoins {
  readonly transaction: Transaction;
}

/** Reads both; null unless it is a transaction whose coins are all described. */
export function readOfflineSubject(hex: string, prevouts: JsonValue): OfflineSubject | null {
  const transaction = parseTransaction(hex);
  if (transaction === null || transaction.isCoinbase) return null;
  const given = readPrevouts(asList(prevouts), 0);
  const spent = Array.from(
    { length: transaction.inputCount },
    (_, i) => given.get(formatOutpoint(transaction.prevout(i))) ?? null,
  );
  const coins = packCoins(spent);
  return coins === null ? null : { transaction, spent, coins };
}

/** An answer as it would have come from a node. */
function asAnswer(answer: JsonRecord): JsonObject {
  const parsed = parseJson(formatJson(answer as JsonOutput));
  if (parsed.ok) return parsed.value as JsonObject;
  throw new RpcError(0, 'what was written cannot be read');
}

/** The answer of explaintransaction, as far as it can be given. */
export async function explainOffline(subject: OfflineSubject): Promise<JsonObject> {
  const { transaction: tx, coins } = subject;
  const scene = { policy: POLICY_DEFAULTS, chain: null, coins, mempoolFeerate: 0, feeDeltaSat: 0 };
  const checks = traceTransaction(tx, scene);
  const isWhole = checks[0]!.outcome === 'passed';
  const flags = { relay: STANDARD_SCRIPT_VERIFY_FLAGS, block: MANDATORY_SCRIPT_VERIFY_FLAGS };
  const curve = loadSecp256k1().backend;
  const scripts = await traceScripts(tx, isWhole ? subject : { ...subject, coins: null }, flags, curve, NO_PAUSES);
  const stages = isWhole ? [...checks, scripts.stage] : checks;
  const reject = stages.find((one) => one.reject !== null)?.reject ?? null;
  return asAnswer({
    txid: formatHash(tx.txid),
    wtxid: formatHash(tx.wtxid),
    status: reject === null ? 'acceptable' : 'rejected',
    supposed: true,
    verdict: reject === null ? undefined : formatExplanation(reject),
    stages: stages.map(formatStage),
    inputs: scripts.inputs,
  });
}

/** The answer of explainscript. */
export async function walkOffline(subject: OfflineSubject, inputIndex: number): Promise<JsonObject> {
  const { transaction, coins } = subject;
  const spent = coins!.outputs(0, transaction.inputCount);
  const input = { transaction, spent, inputIndex, flags: STANDARD_SCRIPT_VERIFY_FLAGS };
  const range = { skip: 0, count: Number.MAX_SAFE_INTEGER };
  const walk = await walkInput(loadSecp256k1().backend, input, range, NO_PAUSES);
  return asAnswer({
    input: inputIndex,
    rules: 'relay',
    error: walk.error === null ? undefined : scriptErrorMessage[walk.error],
    explanation: walk.error === null ? undefined : explainScriptError(walk.error),
    steps: walk.steps,
    next_skip: walk.nextSkip ?? undefined,
  });
}

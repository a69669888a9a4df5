// Standardness of a transaction by itself (Core policy/policy.cpp IsStandardTx and the checks of PreChecks that need no coins):
// the shapes that this node relays. What it spends is looked at in standard-inputs.ts, its witness in standard-witness.ts.

import type { Transaction } from '../primitives/transaction.ts';
import { isPushOnly } from '../script/script.ts';
import { classifyOutput, matchMultisig } from '../script/solver.ts';
import { countDustOutputs } from './dust.ts';
import {
  BARE_MULTISIG_KEYS_MAX,
  DUST_OUTPUT_COUNT_MAX,
  SCRIPT_SIG_SIZE_MAX,
  TX_SIGOPS_COST_MAX,
  TX_STRIPPED_SIZE_MIN,
  TX_VERSION_MAX,
  TX_VERSION_MIN,
  TX_WEIGHT_MAX,
} from './limits.ts';
import type { PolicyOptions } from './options.ts';
import { type PolicyReject, rejectPolicy } from './policy-reject.ts';

/** The options that {@link checkStandardTx} reads. */
export type StandardTxOptions = Pick<PolicyOptions, 'dustFeerate' | 'datacarrierBytesMax' | 'permitsBareMultisig'>;

/**
 * Checks that a transaction has a standard shape; null when it has. The caller skips this where nothing needs to be standard.
 *
 * @example
 * const reject = options.requiresStandard ? checkStandardTx(transaction, options) : null;
 */
export function checkStandardTx(tx: Transaction, options: StandardTxOptions): PolicyReject | null {
  if (tx.version < TX_VERSION_MIN || tx.version > TX_VERSION_MAX) {
    return rejectPolicy('not-standard', 'version', 'standard-version', {
      actual: tx.version,
      expected: `${TX_VERSION_MIN} to ${TX_VERSION_MAX}`,
    });
  }
  if (tx.weightWu > TX_WEIGHT_MAX) {
    return rejectPolicy('not-standard', 'tx-size', 'standard-weight', { actual: tx.weightWu, expected: TX_WEIGHT_MAX });
  }
  return checkScriptSigs(tx) ?? checkOutputs(tx, options) ?? checkDustCount(tx, options.dustFeerate);
}

function checkScriptSigs(tx: Transaction): PolicyReject | null {
  for (let i = 0; i < tx.inputCount; i++) {
    const start = tx.scriptSigStart(i);
    const end = tx.scriptSigEnd(i);
    if (end - start > SCRIPT_SIG_SIZE_MAX) {
      return rejectPolicy('not-standard', 'scriptsig-size', 'standard-script-sig-size', {
        actual: end - start,
        expected: SCRIPT_SIG_SIZE_MAX,
        inputIndex: i,
      });
    }
    if (!isPushOnly(tx.bytes, start, end)) {
      return rejectPolicy('not-standard', 'scriptsig-not-pushonly', 'standard-script-sig-pushes', { inputIndex: i });
    }
  }
  return null;
}

function checkOutputs(tx: Transaction, options: StandardTxOptions): PolicyReject | null {
  const { bytes } = tx;
  const dataBytesMax = options.datacarrierBytesMax ?? 0;
  let dataBytes = 0;
  for (let j = 0; j < tx.outputCount; j++) {
    const start = tx.scriptPubKeyStart(j);
    const end = tx.scriptPubKeyEnd(j);
    const type = classifyOutput(bytes, start, end);
    if (type === 'nonstandard' || (type === 'multisig' && !isSmallMultisig(bytes, start, end))) {
      return rejectPolicy('not-standard', 'scriptpubkey', 'standard-output-script', { outputIndex: j });
    }
    if (type === 'nulldata') {
      dataBytes += end - start;
      if (dataBytes > dataBytesMax) {
        return rejectPolicy('not-standard', 'datacarrier', 'standard-data-bytes', {
          actual: dataBytes,
          expected: dataBytesMax,
          outputIndex: j,
        });
      }
    } else if (type === 'multisig' && !options.permitsBareMultisig) {
      return rejectPolicy('not-standard', 'bare-multisig', 'standard-bare-multisig', { outputIndex: j });
    }
  }
  return null;
}

/** True for a multisig of so few keys that it may stand in an output itself (Core IsStandard). */
function isSmallMultisig(bytes: Uint8Array, start: number, end: number): boolean {
  return matchMultisig(bytes, start, end)!.publicKeys.length <= BARE_MULTISIG_KEYS_MAX;
}

function checkDustCount(tx: Transaction, dustFeerate: number): PolicyReject | null {
  const count = countDustOutputs(tx, dustFeerate);
  if (count <= DUST_OUTPUT_COUNT_MAX) return null;
  return rejectPolicy('not-standard', 'dust', 'standard-dust', { actual: count, expected: DUST_OUTPUT_COUNT_MAX });
}

/**
 * Checks that the transaction cannot pass for an inner node of a merkle tree (CVE-2017-12842). Asked of every loose
 * transaction.
 */
export function checkStrippedSize(tx: Transaction): PolicyReject | null {
  if (tx.strippedSize >= TX_STRIPPED_SIZE_MIN) return null;
  return rejectPolicy('not-standard', 'tx-size-small', 'standard-stripped-size', {
    actual: tx.strippedSize,
    expected: TX_STRIPPED_SIZE_MIN,
  });
}

/**
 * Checks what the signature operations of a transaction cost, counted with all script rules. Asked of every loose transaction.
 */
export function checkSigopsCost(sigopsCost: number): PolicyReject | null {
  if (sigopsCost <= TX_SIGOPS_COST_MAX) return null;
  return rejectPolicy('not-standard', 'bad-txns-too-many-sigops', 'standard-sigops-cost', {
    debug: String(sigopsCost),
    actual: sigopsCost,
    expected: TX_SIGOPS_COST_MAX,
  });
}

// Verdicts on outside transactions, headers and blocks. A check returns null for valid, or one of these objects: Bitcoin
// Core's kind and reason string (consensus/validation.h, the calls of state.Invalid), and beside them the id of the broken
// rule with the values that broke it. The words of the rules live in rules.ts, never here and never where a check fires.

import type { ScriptError } from '../script/script-error.ts';
import type { RuleId } from './rules.ts';

/** Core's TxValidationResult: what the failure says about the transaction, and so how its sender may be treated. */
export type TxRejectKind =
  | 'consensus'
  | 'inputs-not-standard'
  | 'not-standard'
  | 'missing-inputs'
  | 'premature-spend'
  | 'witness-mutated'
  | 'witness-stripped'
  | 'conflict'
  | 'mempool-policy'
  | 'no-mempool'
  | 'reconsiderable'
  | 'unknown';

/**
 * Core's BlockValidationResult. Only `consensus` and `invalid-header` condemn the header for good: `mutated` blames the
 * delivered data, `time-future` may pass later, `missing-prev` and `header-low-work` say nothing about validity.
 */
export type BlockRejectKind =
  | 'consensus'
  | 'cached-invalid'
  | 'invalid-header'
  | 'mutated'
  | 'missing-prev'
  | 'invalid-prev'
  | 'time-future'
  | 'header-low-work';

/** Core's reason strings for transactions, as far as the consensus rules reach. */
export type TxRejectReason =
  | 'bad-txns-vin-empty'
  | 'bad-txns-vout-empty'
  | 'bad-txns-oversize'
  | 'bad-txns-vout-negative'
  | 'bad-txns-vout-toolarge'
  | 'bad-txns-txouttotal-toolarge'
  | 'bad-txns-inputs-duplicate'
  | 'bad-cb-length'
  | 'bad-txns-prevout-null'
  | 'bad-txns-inputs-missingorspent'
  | 'bad-txns-premature-spend-of-coinbase'
  | 'bad-txns-inputvalues-outofrange'
  | 'bad-txns-in-belowout'
  | 'bad-txns-fee-outofrange'
  | 'coinbase'
  | 'non-final'
  | 'non-BIP68-final'
  | `block-script-verify-flag-failed (${string})`;

/** Core's reason strings for headers. */
export type HeaderRejectReason =
  | 'high-hash'
  | 'bad-diffbits'
  | 'time-too-old'
  | 'time-too-new'
  | 'time-timewarp-attack'
  | `bad-version(0x${string})`
  | 'prev-blk-not-found'
  | 'bad-prevblk'
  | 'duplicate-invalid'
  | 'too-little-chainwork';

/** Core's reason strings for blocks; a transaction that breaks its block hands its own reason up. */
export type BlockRejectReason =
  | HeaderRejectReason
  | TxRejectReason
  | 'bad-blk-length'
  | 'bad-cb-missing'
  | 'bad-cb-multiple'
  | 'bad-txnmrklroot'
  | 'bad-txns-duplicate'
  | 'bad-blk-sigops'
  | 'bad-txns-nonfinal'
  | 'bad-cb-height'
  | 'bad-witness-nonce-size'
  | 'bad-witness-merkle-match'
  | 'unexpected-witness'
  | 'bad-blk-weight'
  | 'bad-txns-BIP30'
  | 'bad-txns-accumulated-fee-outofrange'
  | 'bad-cb-amount'
  | 'bad-signet-blksig';

/** A value in an explanation. Bytes are in internal order; the unit follows from the field of the rule. */
export type RejectValue = number | bigint | string | Uint8Array;

/** What a failed check knows beyond the rule itself. Every part is optional: a check gives what it has at hand. */
export interface RejectDetail {
  /** Core's debug message, verbatim where Core has one; RPC shows it behind the reason. */
  readonly debug?: string;
  /** The value that was found, in the unit of the rule's field. */
  readonly actual?: RejectValue;
  /** The value or bound that the rule wanted; how the two compare is the rule's `expects`. */
  readonly expected?: RejectValue;
  /** Position of the transaction in its block. */
  readonly txIndex?: number;
  readonly inputIndex?: number;
  readonly outputIndex?: number;
  /** Set when a script failed: which error of the interpreter. */
  readonly scriptError?: ScriptError;
}

/** A refused transaction. */
export interface TxReject extends RejectDetail {
  readonly kind: TxRejectKind;
  readonly reason: TxRejectReason;
  readonly rule: RuleId;
}

/** A refused header or block. */
export interface BlockReject extends RejectDetail {
  readonly kind: BlockRejectKind;
  readonly reason: BlockRejectReason;
  readonly rule: RuleId;
}

const NO_DETAIL: RejectDetail = {};

/** A refusal of a transaction; called on failure only, so the good path allocates nothing. */
export function rejectTx(
  kind: TxRejectKind,
  reason: TxRejectReason,
  rule: RuleId,
  detail: RejectDetail = NO_DETAIL,
): TxReject {
  return { kind, reason, rule, ...detail };
}

/** A refusal of a header or block; called on failure only, so the good path allocates nothing. */
export function rejectBlock(
  kind: BlockRejectKind,
  reason: BlockRejectReason,
  rule: RuleId,
  detail: RejectDetail = NO_DETAIL,
): BlockReject {
  return { kind, reason, rule, ...detail };
}

/**
 * The refusal of a block for one of its transactions: whatever the kind was for the transaction alone, inside a block it is
 * a breach of consensus (Core's CheckBlock and ConnectBlock). `debug` replaces the transaction's own message if given.
 */
export function rejectBlockForTx(reject: TxReject, txIndex: number, debug?: string): BlockReject {
  return debug === undefined
    ? { ...reject, kind: 'consensus', txIndex }
    : { ...reject, kind: 'consensus', txIndex, debug };
}

/** Core's ValidationState::ToString: the reason, and the debug message behind a comma where there is one. */
export function formatReject(reject: { readonly reason: string; readonly debug?: string }): string {
  return reject.debug === undefined || reject.debug === '' ? reject.reason : `${reject.reason}, ${reject.debug}`;
}

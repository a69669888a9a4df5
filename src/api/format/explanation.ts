// Verdicts as a person or a program can understand them: the rule behind Core's reason string, its BIP, the field that broke it with
// what was found and what was wanted, and the rule in words. Core tells none of this; it stands beside what Core tells.

import type { BlockRejectKind, RejectDetail, RejectValue, TxRejectKind } from '../../kernel/consensus/reject.ts';
import { readU32 } from '../../kernel/encoding/numbers.ts';
import { type BrokenRule, explainMempoolReject } from '../../kernel/policy/explain-policy.ts';
import type { PackageRejectKind } from '../../kernel/policy/policy-reject.ts';
import { asTxid, formatHash, HASH_BYTES } from '../../kernel/primitives/hashes.ts';
import { OUTPOINT_BYTES } from '../../kernel/primitives/outpoint.ts';
import { toHex } from '../../kernel/util/bytes.ts';
import { JsonNumber, type JsonOutput, type JsonRecord } from '../json/json-value.ts';
import { field, maybe } from '../schema-words.ts';
import type { ResultSpec } from '../signature.ts';

/** A refusal of a transaction, a package, a header or a block. */
export interface AnyReject extends RejectDetail, BrokenRule {
  readonly kind: TxRejectKind | BlockRejectKind | PackageRejectKind;
  readonly reason: string;
}

/** The fields of an explanation. */
export const EXPLANATION_FIELDS: readonly ResultSpec[] = Object.freeze([
  field('reason', 'string', "Core's reason"),
  field('kind', 'string', 'What the failure says of what was refused: consensus, not-standard, missing-inputs …'),
  maybe('debug', 'string', "Core's details"),
  field('rule', 'string', 'The rule that is broken, by the name that it has in this program'),
  field('policy', 'boolean', 'Whether it is a rule of relay only, which no block has to keep'),
  maybe('bip', 'number', 'The improvement proposal behind the rule'),
  maybe('field', 'string', 'What was looked at; the end of the name is the unit'),
  maybe('expects', 'string', 'How what was found must compare with what was wanted: equal, at-most, at-least …'),
  maybe('expected', 'any', 'What was wanted'),
  maybe('actual', 'any', 'What was found'),
  maybe('tx', 'number', 'Position of the transaction in its block'),
  maybe('input', 'number', 'Number of the input'),
  maybe('output', 'number', 'Number of the output'),
  maybe('script_error', 'string', 'How the script failed'),
  field('source', 'string', 'The function of Bitcoin Core that holds the rule'),
  field('words', 'string', 'The rule as a sentence'),
  field('words_zh', 'string', 'The same in Chinese'),
]);

/** Everything that is known of a refusal. */
export function formatExplanation(reject: AnyReject): JsonRecord {
  const { rule, isPolicy, bip, field: name, expects, source, words, wordsZh } = explainMempoolReject(reject);
  const show = (value: RejectValue | undefined): JsonOutput | undefined =>
    value === undefined ? undefined : formatRejectValue(value, name ?? '');
  return {
    reason: reject.reason,
    kind: reject.kind,
    debug: reject.debug === '' ? undefined : reject.debug,
    rule,
    policy: isPolicy,
    bip,
    field: name,
    expects,
    expected: show(reject.expected),
    actual: show(reject.actual),
    tx: reject.txIndex,
    input: reject.inputIndex,
    output: reject.outputIndex,
    script_error: reject.scriptError,
    source,
    words,
    words_zh: wordsZh,
  };
}

/** What an error of RPC carries for a refusal. */
export function explanationData(reject: AnyReject): JsonRecord {
  return { explanation: formatExplanation(reject) };
}

/** Fields whose bytes are hashes, which people read backwards. */
const HASH_FIELDS: ReadonlySet<string> = new Set([
  'tx.txid',
  'tx.wtxid',
  'header.blockHash',
  'header.previousBlockHash',
  'header.merkleRoot',
]);

function formatRejectValue(value: RejectValue, name: string): JsonOutput {
  if (typeof value === 'string') return value;
  if (typeof value === 'bigint') return new JsonNumber(value.toString());
  if (typeof value === 'number') {
    if (name === 'header.bits') return value.toString(16).padStart(8, '0');
    return Number.isSafeInteger(value) ? value : new JsonNumber(`${value}`);
  }
  if (name === 'input.outpoint' && value.length === OUTPOINT_BYTES) {
    return `${formatHash(asTxid(value.slice(0, HASH_BYTES)))}:${readU32(value, HASH_BYTES)}`;
  }
  return HASH_FIELDS.has(name) && value.length === HASH_BYTES ? formatHash(asTxid(value)) : toHex(value);
}

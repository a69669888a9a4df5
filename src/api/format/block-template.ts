// Templates as getblocktemplate answers with them (BIP22, BIP23, BIP9, BIP145; Core rpc/mining.cpp). Amounts are satoshis here.

import { MAX_BLOCK_SIGOPS_COST, MAX_BLOCK_WEIGHT } from '../../kernel/consensus/limits.ts';
import { formatHash } from '../../kernel/primitives/hashes.ts';
import { WITNESS_SCALE_FACTOR } from '../../kernel/primitives/transaction.ts';
import { toHex } from '../../kernel/util/bytes.ts';
import { type BlockTemplate, computeDependencies } from '../../node/mining/block-template.ts';
import { createCommitmentScript } from '../../node/mining/coinbase.ts';
import type { TemplateRules } from '../../node/mining/template-rules.ts';
import { type JsonRecord, JsonSequence } from '../json/json-value.ts';
import { field, maybe, object, result } from '../schema-words.ts';
import type { ResultSpec } from '../signature.ts';
import { formatDifficulty } from './header.ts';

/** Every nonce, as two numbers of 32 bits. */
const NONCE_RANGE = '00000000ffffffff';

/** What a template is shown with. */
export interface TemplateFormat {
  readonly rules: TemplateRules;
  readonly longPollId: string;
  /** The challenge of a signet; null elsewhere. */
  readonly signetChallenge: Uint8Array | null;
}

const TRANSACTION_FIELDS: readonly ResultSpec[] = [
  field('data', 'hex', 'The transaction'),
  field('txid', 'hex', 'Identity without witness'),
  field('hash', 'hex', 'Identity with witness'),
  field('depends', 'array', 'Transactions that must be in the block, too, if this one is', {
    inner: [result('number', 'Position in this list, from 1')],
  }),
  field('fee', 'number', 'The fee in satoshis'),
  field('sigops', 'number', 'Cost of signature operations, as the limit of the block counts it'),
  field('weight', 'number', 'Weight, as the limit of the block counts it'),
];

/** The fields of a template, in Core's order. */
export const TEMPLATE_FIELDS: readonly ResultSpec[] = Object.freeze([
  field('capabilities', 'array', 'What this server can do', { inner: [result('string', 'Such as proposal')] }),
  field('version', 'number', 'The version of the block'),
  field('rules', 'array', 'Rules that hold for the block', {
    inner: [result('string', 'A rule; ! in front: whoever does not know it cannot use the template')],
  }),
  field('vbavailable', 'object-dynamic', 'Rules that can be voted for', {
    inner: [field('rulename', 'number', 'The bit of the version that votes for it')],
  }),
  field('vbrequired', 'number', 'Bits of the version that must be set'),
  field('previousblockhash', 'string', 'The block before'),
  field('transactions', 'array', 'What the block should contain besides its coinbase', {
    inner: [object(TRANSACTION_FIELDS)],
  }),
  field('coinbaseaux', 'object-dynamic', 'Data for the coinbase', { inner: [field('key', 'hex', 'A value')] }),
  field('coinbasevalue', 'number', 'What the coinbase may pay out, in satoshis'),
  field('longpollid', 'string', 'What to name when waiting for a better template'),
  field('target', 'string', 'The target'),
  field('mintime', 'time', 'The earliest time of the block, which also keeps BIP94'),
  field('mutable', 'array', 'What may be changed', { inner: [result('string', 'Such as time')] }),
  field('noncerange', 'hex', 'The lowest and the highest nonce'),
  field('sigoplimit', 'number', 'Most signature operations of the block'),
  field('sizelimit', 'number', 'Most bytes of the block'),
  maybe('weightlimit', 'number', 'Most weight of the block'),
  field('curtime', 'time', 'The present time, or the earliest that is allowed'),
  field('bits', 'string', 'The target in its compact form'),
  field('height', 'number', 'The height of the block'),
  maybe('signet_challenge', 'hex', 'The challenge of a signet'),
  maybe('default_witness_commitment', 'hex', 'The script that commits to the witnesses of exactly these transactions'),
]);

/** Made while it is written: the transactions of a full block are megabytes of text. */
function* formatTransactions({ transactions, isSegwitActive }: BlockTemplate): Generator<JsonRecord, void, void> {
  const dependencies = computeDependencies(transactions);
  for (const [i, { transaction, feeSat, sigopsCost }] of transactions.entries()) {
    yield {
      data: toHex(transaction.serialized()),
      txid: formatHash(transaction.txid),
      hash: formatHash(transaction.wtxid),
      depends: dependencies[i]!,
      fee: feeSat,
      sigops: isSegwitActive ? sigopsCost : sigopsCost / WITNESS_SCALE_FACTOR,
      weight: transaction.weightWu,
    };
  }
}

/** A template in the order of Core's fields. */
export function formatTemplate(template: BlockTemplate, format: TemplateFormat): JsonRecord {
  const { rules, longPollId, signetChallenge } = format;
  // Before the rules of witnesses, signature operations and bytes counted once.
  const scale = template.isSegwitActive ? 1 : WITNESS_SCALE_FACTOR;
  const { target, bits } = formatDifficulty(template.bits);
  return {
    capabilities: ['proposal'],
    version: rules.version,
    rules: rules.active,
    vbavailable: new Map(rules.available),
    vbrequired: 0,
    previousblockhash: formatHash(template.previousBlockHash),
    transactions: new JsonSequence(formatTransactions(template)),
    coinbaseaux: {},
    coinbasevalue: template.rewardSat,
    longpollid: longPollId,
    target,
    mintime: template.minTimeSec,
    mutable: ['time', 'transactions', 'prevblock'],
    noncerange: NONCE_RANGE,
    sigoplimit: MAX_BLOCK_SIGOPS_COST / scale,
    sizelimit: MAX_BLOCK_WEIGHT / scale,
    weightlimit: template.isSegwitActive ? MAX_BLOCK_WEIGHT : undefined,
    curtime: template.timeSec,
    bits,
    height: template.height,
    signet_challenge: signetChallenge === null ? undefined : toHex(signetChallenge),
    default_witness_commitment: toHex(createCommitmentScript(template.witnessCommitment)),
  };
}

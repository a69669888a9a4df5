// Inputs of a PSBT as decodepsbt shows them (Core rpc/rawtransaction.cpp DecodePSBTInputs).

import { formatHash } from '../../kernel/primitives/hashes.ts';
import type { TransactionOutput } from '../../kernel/primitives/transaction.ts';
import { formatScript } from '../../kernel/script/script-format.ts';
import { toHex } from '../../kernel/util/bytes.ts';
import type { Preimage, PsbtInput, PsbtVersion } from '../../wallet/psbt/psbt.ts';
import type { MusigShare, TapLeafScript, TapScriptSignature } from '../../wallet/signature-data.ts';
import { valueFromAmount } from '../amount.ts';
import type { JsonRecord } from '../json/json-value.ts';
import { field, maybe, result } from '../schema-words.ts';
import type { ResultSpec } from '../signature.ts';
import { hashTypeName } from './hash-type.ts';
import {
  formatDerivation,
  formatInnerScript,
  formatParticipants,
  formatProprietary,
  formatTapDerivation,
  formatUnknown,
  hexIfAny,
  listIfAny,
  OTHER_FIELDS_IF_ANY,
  PARTICIPANTS_FIELD,
  pairsIfAny,
  SCRIPT_AND_KEY_FIELDS,
  TAP_DERIVATIONS_FIELD,
} from './psbt-parts.ts';
import { formatOutputScript, SCRIPT_FIELDS, type ScriptContext } from './script.ts';
import { DECODED_FIELDS, formatTransaction } from './transaction.ts';

function preimagesField(name: string): ResultSpec {
  return maybe(`${name}_preimages`, 'object-dynamic', 'What was hashed', {
    inner: [field('hash', 'string', 'The hash, and as its value what was hashed')],
  });
}

function shareFields(name: string, description: string): readonly ResultSpec[] {
  return [
    result('object', '', {
      inner: [
        field('participant_pubkey', 'hex', 'The key of the participant'),
        field('aggregate_pubkey', 'hex', 'The common key'),
        maybe('leaf_hash', 'hex', 'The leaf that is signed for; none: the key path'),
        field(name, 'hex', description),
      ],
    }),
  ];
}

/** The fields of an input. */
export const PSBT_INPUT_FIELDS: readonly ResultSpec[] = Object.freeze([
  maybe('non_witness_utxo', 'object', 'The transaction that is spent from', { inner: DECODED_FIELDS }),
  maybe('witness_utxo', 'object', 'The output that is spent', {
    inner: [
      field('amount', 'number', 'Its value in BTC'),
      field('scriptPubKey', 'object', '', { inner: SCRIPT_FIELDS }),
    ],
  }),
  maybe('partial_signatures', 'object-dynamic', 'Signatures by their keys', {
    inner: [field('pubkey', 'string', 'The public key, and as its value the signature')],
  }),
  maybe('sighash', 'string', 'What signatures are to commit to'),
  ...SCRIPT_AND_KEY_FIELDS,
  maybe('final_scriptSig', 'object', 'The final script', {
    inner: [field('asm', 'string', 'The script as words'), field('hex', 'hex', 'Its bytes')],
  }),
  maybe('final_scriptwitness', 'array', 'The final witness', { inner: [result('hex', 'An item')] }),
  preimagesField('ripemd160'),
  preimagesField('sha256'),
  preimagesField('hash160'),
  preimagesField('hash256'),
  maybe('previous_txid', 'hex', 'Transaction of the output that is spent'),
  maybe('previous_vout', 'number', 'Number of that output'),
  maybe('sequence', 'number', 'The sequence number'),
  maybe('time_locktime', 'number', 'The least lock time that the input asks for, as a time'),
  maybe('height_locktime', 'number', 'The same as a height'),
  maybe('taproot_key_path_sig', 'hex', 'The signature by the output key'),
  maybe('taproot_script_path_sigs', 'array', 'Signatures for leaves', {
    inner: [
      result('object', '', {
        inner: [
          field('pubkey', 'string', 'The x-only public key'),
          field('leaf_hash', 'string', 'The leaf'),
          field('sig', 'string', 'The signature'),
        ],
      }),
    ],
  }),
  maybe('taproot_scripts', 'array', 'Leaves', {
    inner: [
      result('object', '', {
        inner: [
          field('script', 'hex', 'The script'),
          field('leaf_ver', 'number', 'The version of the leaf'),
          field('control_blocks', 'array', 'What proves that the output has the leaf', {
            inner: [result('hex', 'A control block')],
          }),
        ],
      }),
    ],
  }),
  TAP_DERIVATIONS_FIELD,
  maybe('taproot_internal_key', 'hex', 'The internal key'),
  maybe('taproot_merkle_root', 'hex', 'The root of the tree'),
  PARTICIPANTS_FIELD,
  maybe('musig2_pubnonces', 'array', 'Public nonces', { inner: shareFields('pubnonce', 'The nonce') }),
  maybe('musig2_partial_sigs', 'array', 'Partial signatures', { inner: shareFields('partial_sig', 'The signature') }),
  ...OTHER_FIELDS_IF_ANY,
]);

/** An input in the order of Core's fields. */
export function formatPsbtInput(input: PsbtInput, version: PsbtVersion, context: ScriptContext): JsonRecord {
  return {
    witness_utxo: formatWitnessUtxo(input.witnessUtxo, context),
    non_witness_utxo:
      input.nonWitnessUtxo === null
        ? undefined
        : formatTransaction(input.nonWitnessUtxo, { spent: null, showsPrevouts: false, showsHex: false }, context),
    ...formatSigning(input),
    ...(version === 2 ? formatPlace(input) : {}),
    ...formatTaproot(input),
    proprietary: listIfAny(input.proprietary, formatProprietary),
    unknown: input.unknown.size === 0 ? undefined : formatUnknown(input.unknown),
  };
}

function formatWitnessUtxo(output: TransactionOutput | null, context: ScriptContext): JsonRecord | undefined {
  if (output === null) return undefined;
  const { valueSat, scriptPubKey } = output;
  return { amount: valueFromAmount(valueSat), scriptPubKey: formatOutputScript(scriptPubKey, context) };
}

function formatSigning(input: PsbtInput): JsonRecord {
  const { sighashType, finalScriptSig, preimages } = input;
  const pair = ({ hash, preimage }: Preimage): readonly [Uint8Array, Uint8Array] => [hash, preimage];
  return {
    partial_signatures: pairsIfAny(input.partialSignatures, ({ publicKey, signature }) => [publicKey, signature]),
    sighash: sighashType === null ? undefined : hashTypeName(sighashType & 0xff),
    redeem_script: formatInnerScript(input.redeemScript),
    witness_script: formatInnerScript(input.witnessScript),
    bip32_derivs: listIfAny(input.derivations, formatDerivation),
    final_scriptSig: finalScriptSig === null ? undefined : formatFinalScript(finalScriptSig),
    final_scriptwitness: input.finalWitness?.map(toHex),
    ripemd160_preimages: pairsIfAny(preimages.ripemd160, pair),
    sha256_preimages: pairsIfAny(preimages.sha256, pair),
    hash160_preimages: pairsIfAny(preimages.hash160, pair),
    hash256_preimages: pairsIfAny(preimages.hash256, pair),
  };
}

function formatFinalScript(script: Uint8Array): JsonRecord {
  return { asm: formatScript(script, 0, script.length, { decodeHashTypes: true }), hex: toHex(script) };
}

function formatPlace({ prevout, sequence, timeLocktime, heightLocktime }: PsbtInput): JsonRecord {
  return {
    previous_txid: formatHash(prevout.txid),
    previous_vout: prevout.index,
    sequence: sequence ?? undefined,
    time_locktime: timeLocktime ?? undefined,
    height_locktime: heightLocktime ?? undefined,
  };
}

function formatTaproot(input: PsbtInput): JsonRecord {
  return {
    taproot_key_path_sig: hexIfAny(input.tapKeySignature),
    taproot_script_path_sigs: listIfAny(input.tapScriptSignatures, formatLeafSignature),
    taproot_scripts: listIfAny(input.tapLeafScripts, formatLeaf),
    taproot_bip32_derivs: listIfAny(input.tapDerivations, formatTapDerivation),
    taproot_internal_key: hexIfAny(input.tapInternalKey),
    taproot_merkle_root: hexIfAny(input.tapMerkleRoot),
    musig2_participant_pubkeys: listIfAny(input.musigParticipants, formatParticipants),
    musig2_pubnonces: listIfAny(input.musigNonces, (share) => formatShare(share, 'pubnonce')),
    musig2_partial_sigs: listIfAny(input.musigSignatures, (share) => formatShare(share, 'partial_sig')),
  };
}

function formatLeafSignature({ xOnlyKey, leafHash, signature }: TapScriptSignature): JsonRecord {
  return { pubkey: toHex(xOnlyKey), leaf_hash: toHex(leafHash), sig: toHex(signature) };
}

function formatLeaf({ script, leafVersion, controlBlocks }: TapLeafScript): JsonRecord {
  return { script: toHex(script), leaf_ver: leafVersion, control_blocks: controlBlocks.map(toHex) };
}

function formatShare({ participantKey, aggregateKey, leafHash, value }: MusigShare, name: string): JsonRecord {
  return {
    participant_pubkey: toHex(participantKey),
    aggregate_pubkey: toHex(aggregateKey),
    leaf_hash: hexIfAny(leafHash),
    [name]: toHex(value),
  };
}

// Parts that inputs, outputs and the whole of a PSBT have in common, as decodepsbt shows them (Core rpc/rawtransaction.cpp). What is
// empty is left out.

import { formatScript } from '../../kernel/script/script-format.ts';
import { classifyOutput } from '../../kernel/script/solver.ts';
import { toHex } from '../../kernel/util/bytes.ts';
import { formatPath } from '../../wallet/descriptor/format.ts';
import type { KeyOrigin } from '../../wallet/descriptor/key-ring.ts';
import {
  inOrder,
  type MusigParticipants,
  type ProprietaryField,
  type PsbtFields,
  type UnknownField,
} from '../../wallet/psbt/psbt.ts';
import type { KeyDerivation, TapDerivation } from '../../wallet/signature-data.ts';
import type { JsonOutput, JsonRecord } from '../json/json-value.ts';
import { field, maybe, result } from '../schema-words.ts';
import type { ResultSpec } from '../signature.ts';

const SCRIPT_FIELDS: readonly ResultSpec[] = [
  field('asm', 'string', 'The script as words'),
  field('hex', 'hex', 'Its bytes'),
  field('type', 'string', 'The kind of script, such as pubkeyhash'),
];

/** The fields that inputs and outputs begin with. */
export const SCRIPT_AND_KEY_FIELDS: readonly ResultSpec[] = Object.freeze([
  maybe('redeem_script', 'object', 'The script behind the hash', { inner: SCRIPT_FIELDS }),
  maybe('witness_script', 'object', 'The script behind the program', { inner: SCRIPT_FIELDS }),
  maybe('bip32_derivs', 'array', 'Where keys come from', {
    inner: [
      result('object', '', {
        inner: [
          field('pubkey', 'string', 'The public key'),
          field('master_fingerprint', 'string', 'Fingerprint of the root'),
          field('path', 'string', 'The path from there'),
        ],
      }),
    ],
  }),
]);

/** The field of where keys of taproot come from. */
export const TAP_DERIVATIONS_FIELD: ResultSpec = maybe('taproot_bip32_derivs', 'array', 'Where keys come from', {
  inner: [
    result('object', '', {
      inner: [
        field('pubkey', 'string', 'The x-only public key'),
        field('master_fingerprint', 'string', 'Fingerprint of the root'),
        field('path', 'string', 'The path from there'),
        field('leaf_hashes', 'array', 'The leaves that it stands in', { inner: [result('hex', 'The hash of a leaf')] }),
      ],
    }),
  ],
});

/** The field of keys that sign as one. */
export const PARTICIPANTS_FIELD: ResultSpec = maybe('musig2_participant_pubkeys', 'array', 'Keys that sign as one', {
  inner: [
    result('object', '', {
      inner: [
        field('aggregate_pubkey', 'hex', 'The common public key'),
        field('participant_pubkeys', 'array', 'The keys that it is made of', {
          inner: [result('hex', 'A public key')],
        }),
      ],
    }),
  ],
});

const PROPRIETARY_ITEM: ResultSpec = result('object', '', {
  inner: [
    field('identifier', 'hex', 'Whose it is'),
    field('subtype', 'number', 'The type among those'),
    field('key', 'hex', 'The key'),
    field('value', 'hex', 'The value'),
  ],
});

const UNKNOWN_ITEM: ResultSpec = field('key', 'hex', 'The key, and as its value the value');

/** The last fields of the whole. */
export const OTHER_FIELDS: readonly ResultSpec[] = Object.freeze([
  field('proprietary', 'array', "Fields of somebody's own", { inner: [PROPRIETARY_ITEM] }),
  field('unknown', 'object-dynamic', 'Fields that are not known', { inner: [UNKNOWN_ITEM] }),
]);

/** The last fields of inputs and outputs. */
export const OTHER_FIELDS_IF_ANY: readonly ResultSpec[] = Object.freeze(
  OTHER_FIELDS.map((spec) => ({ ...spec, isOptional: true })),
);

/** The items, or nothing where there are none. */
export function listIfAny<T>(
  fields: PsbtFields<T>,
  format: (value: T) => JsonRecord,
): readonly JsonRecord[] | undefined {
  return fields.size === 0 ? undefined : inOrder(fields).map(format);
}

/** The same as an object of pairs. */
export function pairsIfAny<T>(
  fields: PsbtFields<T>,
  format: (value: T) => readonly [key: Uint8Array, value: Uint8Array],
): ReadonlyMap<string, JsonOutput> | undefined {
  return fields.size === 0 ? undefined : formatPairs(fields, format);
}

function formatPairs<T>(
  fields: PsbtFields<T>,
  format: (value: T) => readonly [key: Uint8Array, value: Uint8Array],
): ReadonlyMap<string, JsonOutput> {
  return new Map(
    inOrder(fields)
      .map(format)
      .map(([key, value]) => [toHex(key), toHex(value)]),
  );
}

/** Bytes in hexadecimal, or nothing where there are none. */
export function hexIfAny(bytes: Uint8Array | null): string | undefined {
  return bytes === null ? undefined : toHex(bytes);
}

/** A script that no output shows. */
export function formatInnerScript(script: Uint8Array | null): JsonRecord | undefined {
  if (script === null) return undefined;
  const asm = formatScript(script, 0, script.length);
  return { asm, hex: toHex(script), type: classifyOutput(script, 0, script.length) };
}

/** A root and the path from there. */
export function formatOrigin({ fingerprint, path }: KeyOrigin): JsonRecord {
  return { master_fingerprint: toHex(fingerprint), path: `m${formatPath(path, false)}` };
}

/** Where a key comes from. */
export function formatDerivation({ publicKey, origin }: KeyDerivation): JsonRecord {
  return { pubkey: toHex(publicKey), ...formatOrigin(origin) };
}

/** Where a key of taproot comes from. */
export function formatTapDerivation({ xOnlyKey, leafHashes, origin }: TapDerivation): JsonRecord {
  return { pubkey: toHex(xOnlyKey), ...formatOrigin(origin), leaf_hashes: leafHashes.map(toHex) };
}

/** Keys that sign as one. */
export function formatParticipants({ aggregateKey, participantKeys }: MusigParticipants): JsonRecord {
  return { aggregate_pubkey: toHex(aggregateKey), participant_pubkeys: participantKeys.map(toHex) };
}

/** A field of somebody's own. */
export function formatProprietary({ identifier, subtype, key, value }: ProprietaryField): JsonRecord {
  return { identifier: toHex(identifier), subtype, key: toHex(key), value: toHex(value) };
}

/** Fields that nobody knows. */
export function formatUnknown(fields: PsbtFields<UnknownField>): ReadonlyMap<string, JsonOutput> {
  return formatPairs(fields, ({ key, value }) => [key, value]);
}

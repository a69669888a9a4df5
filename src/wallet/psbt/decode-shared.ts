// Values that inputs and outputs of a PSBT have in common: derivations (BIP174, BIP371) and the participants of common keys (BIP373).

import { ByteReader } from '../../kernel/encoding/reader.ts';
import { toHex } from '../../kernel/util/bytes.ts';
import type { KeyDerivation, TapDerivation } from '../signature-data.ts';
import { COMPRESSED_KEY_BYTES, UNCOMPRESSED_KEY_BYTES } from './field-types.ts';
import type { MusigParticipants, PsbtFields } from './psbt.ts';
import { addField, expectKeySize, PsbtError, type PsbtKey, type PsbtReader } from './psbt-reader.ts';

/** Fields that an input and an output may both have. */
interface Shared {
  derivations: PsbtFields<KeyDerivation>;
  tapDerivations: PsbtFields<TapDerivation>;
  musigParticipants: PsbtFields<MusigParticipants>;
}

/** The public key after the type of a key; `title` says what for. */
export function publicKeyOf(reader: PsbtReader, { bytes }: PsbtKey, title: string): Uint8Array {
  const length = bytes.length - 1;
  if (length !== COMPRESSED_KEY_BYTES && length !== UNCOMPRESSED_KEY_BYTES) {
    throw new PsbtError(`Size of key was not the expected size for the type ${title}`);
  }
  return reader.expectPublicKey(bytes.subarray(1));
}

/** Reads where a key comes from. */
export function readDerivation(reader: PsbtReader, key: PsbtKey, map: Shared): void {
  const publicKey = publicKeyOf(reader, key, 'BIP32 keypath');
  map.derivations = addField(map.derivations, toHex(publicKey), { publicKey, origin: reader.origin() });
}

/** Reads where an x-only key comes from, and the leaves that it stands in. */
export function readTapDerivation(reader: PsbtReader, key: PsbtKey, map: Shared, title: 'Input' | 'Output'): void {
  expectKeySize(key, `${title} Taproot BIP32 Keypath`, 33);
  const xOnlyKey = key.bytes.subarray(1);
  const derivation = { xOnlyKey, ...reader.tapOrigin(title) };
  map.tapDerivations = addField(map.tapDerivations, toHex(xOnlyKey), derivation);
}

/** Reads the keys that a common key is made of. */
export function readParticipants(reader: PsbtReader, key: PsbtKey, map: Shared, title: 'Input' | 'Output'): void {
  expectKeySize(key, `${title} MuSig2 Participants Pubkeys`, COMPRESSED_KEY_BYTES + 1);
  const aggregateKey = key.bytes.subarray(1);
  reader.expectPublicKey(aggregateKey, `${title} musig2 aggregate pubkey is invalid`);
  const inside = new ByteReader(reader.bytes());
  const participantKeys: Uint8Array[] = [];
  while (inside.remaining >= COMPRESSED_KEY_BYTES) {
    reader.countItems(1);
    const participant = inside.view(COMPRESSED_KEY_BYTES, 'participant');
    participantKeys.push(reader.expectPublicKey(participant, `${title} musig2 participant pubkey is invalid`));
  }
  if (inside.remaining > 0) {
    throw new PsbtError(`${title} musig2 participants pubkeys value size is not a multiple of 33`);
  }
  const participants = { aggregateKey, participantKeys };
  map.musigParticipants = addField(map.musigParticipants, toHex(aggregateKey), participants);
}

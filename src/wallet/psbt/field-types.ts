// The numbers of PSBT: types of the fields of each kind of map (BIP174, BIP370, BIP371, BIP373, as Core's psbt.h names them), the bytes
// that a file begins with, and the limits of what is read.

/** `psbt` and 0xFF: what every PSBT begins with. */
export const PSBT_MAGIC: Uint8Array = Uint8Array.of(0x70, 0x73, 0x62, 0x74, 0xff);

/** Most bytes of a PSBT that is read (Core MAX_FILE_SIZE_PSBT). */
export const PSBT_BYTES_MAX = 100_000_000;

/**
 * Most maps, fields and parts of fields of one PSBT together (K12). A transaction that fits into a block has at most 24,390 inputs of
 * 41 bytes or 111,111 outputs of 9, which leaves twenty for each input and four for each output. Core has no such limit.
 */
export const PSBT_ITEMS_MAX = 500_000;

/** Fields that describe the whole. */
export const GLOBAL_FIELD = {
  UNSIGNED_TX: 0x00,
  XPUB: 0x01,
  TX_VERSION: 0x02,
  FALLBACK_LOCKTIME: 0x03,
  INPUT_COUNT: 0x04,
  OUTPUT_COUNT: 0x05,
  TX_MODIFIABLE: 0x06,
  VERSION: 0xfb,
} as const;

/** Fields of an input. */
export const INPUT_FIELD = {
  NON_WITNESS_UTXO: 0x00,
  WITNESS_UTXO: 0x01,
  PARTIAL_SIG: 0x02,
  SIGHASH: 0x03,
  REDEEM_SCRIPT: 0x04,
  WITNESS_SCRIPT: 0x05,
  BIP32_DERIVATION: 0x06,
  FINAL_SCRIPT_SIG: 0x07,
  FINAL_SCRIPT_WITNESS: 0x08,
  RIPEMD160: 0x0a,
  SHA256: 0x0b,
  HASH160: 0x0c,
  HASH256: 0x0d,
  PREVIOUS_TXID: 0x0e,
  OUTPUT_INDEX: 0x0f,
  SEQUENCE: 0x10,
  REQUIRED_TIME_LOCKTIME: 0x11,
  REQUIRED_HEIGHT_LOCKTIME: 0x12,
  TAP_KEY_SIG: 0x13,
  TAP_SCRIPT_SIG: 0x14,
  TAP_LEAF_SCRIPT: 0x15,
  TAP_BIP32_DERIVATION: 0x16,
  TAP_INTERNAL_KEY: 0x17,
  TAP_MERKLE_ROOT: 0x18,
  MUSIG2_PARTICIPANT_PUBKEYS: 0x1a,
  MUSIG2_PUB_NONCE: 0x1b,
  MUSIG2_PARTIAL_SIG: 0x1c,
} as const;

/** Fields of an output. */
export const OUTPUT_FIELD = {
  REDEEM_SCRIPT: 0x00,
  WITNESS_SCRIPT: 0x01,
  BIP32_DERIVATION: 0x02,
  AMOUNT: 0x03,
  SCRIPT: 0x04,
  TAP_INTERNAL_KEY: 0x05,
  TAP_TREE: 0x06,
  TAP_BIP32_DERIVATION: 0x07,
  MUSIG2_PARTICIPANT_PUBKEYS: 0x08,
} as const;

/** In every map: fields of somebody's own. */
export const PROPRIETARY_FIELD = 0xfc;

/** Bytes of a public nonce (BIP373). */
export const MUSIG_NONCE_BYTES = 66;

/** Bytes of a compressed public key. */
export const COMPRESSED_KEY_BYTES = 33;

/** Bytes of a public key with both coordinates. */
export const UNCOMPRESSED_KEY_BYTES = 65;

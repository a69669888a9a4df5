// tallystick/primitives: hashes, amounts, transactions, headers, blocks and merkle trees, over the bytes they came in.

export type { DecodeReason } from '../encoding/decode-error.ts';
export { DecodeError } from '../encoding/decode-error.ts';
export type { HexError } from '../util/bytes.ts';
export { parseHex, toHex } from '../util/bytes.ts';
export type { Result } from '../util/result.ts';
export type { AmountError } from './amount.ts';
export { COIN, formatAmount, formatMoney, isMoneyRange, MAX_MONEY, parseAmount } from './amount.ts';
export { Block, buildBlock, decodeBlock, encodeBlock } from './block.ts';
export type { BlockHash, DisplayedHash, MerkleRoot, Txid, Wtxid } from './hashes.ts';
export {
  asBlockHash,
  asMerkleRoot,
  asTxid,
  asWtxid,
  formatHash,
  HASH_BYTES,
  NULL_TXID,
  parseBlockHash,
  parseMerkleRoot,
  parseTxid,
  parseWtxid,
} from './hashes.ts';
export type { BlockHeaderData } from './header.ts';
export { BlockHeader, buildHeader, decodeHeader, encodeHeader, HEADER_BYTES } from './header.ts';
export {
  getRelativeLock,
  isHeightLocktime,
  isRelativeLock,
  isTimeRelativeLock,
  LOCKTIME_THRESHOLD,
  SEQUENCE_FINAL,
} from './locktime.ts';
export type { Outpoint } from './outpoint.ts';
export { encodeOutpoint, formatOutpoint, isNull, NULL_INDEX, OUTPOINT_BYTES } from './outpoint.ts';
export { SpentOutputs } from './spent-outputs.ts';
export type { TransactionData, TransactionInput, TransactionOutput } from './transaction.ts';
export {
  buildTransaction,
  decodeTransaction,
  encodeTransaction,
  Transaction,
  toTransactionData,
} from './transaction.ts';
export type { WitnessStack } from './witness.ts';

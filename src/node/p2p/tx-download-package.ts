// A transaction that pays too little, with a child that may pay for both: what is tried together when neither can be taken alone
// (Core PackageToValidate; 1-parent-1-child).

import { Sha256Hasher } from '../../kernel/crypto/sha256.ts';
import { HASH_BYTES } from '../../kernel/primitives/hashes.ts';
import type { Transaction } from '../../kernel/primitives/transaction.ts';
import { compareBytes, reversedBytes } from '../../kernel/util/bytes.ts';

/** Transactions in the order in which they are to be taken: a parent and its child. */
export type TxPackage = readonly [parent: Transaction, child: Transaction];

/** One hash for a package, whatever the order of its transactions (Core GetPackageHash): by the wtxids as people read them. */
export function computePackageHash(transactions: readonly Transaction[]): Uint8Array {
  const wtxids = transactions.map(({ wtxid }) => ({ wtxid, shown: reversedBytes(wtxid) }));
  wtxids.sort((a, b) => compareBytes(a.shown, b.shown));
  const hasher = new Sha256Hasher();
  for (const { wtxid } of wtxids) hasher.update(wtxid);
  const hash = new Uint8Array(HASH_BYTES);
  hasher.digestInto(hash, 0);
  return hash;
}

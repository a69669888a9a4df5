// Whether two transactions are the same to their owner (Core CWalletTx::IsEquivalentTo): all but the scriptSigs, which others may change
// on the way.

import { OUTPOINT_BYTES } from '../../kernel/primitives/outpoint.ts';
import type { Transaction } from '../../kernel/primitives/transaction.ts';
import { equalRange } from '../../kernel/util/bytes.ts';

/** True when they differ in their scriptSigs and witnesses at most. */
export function isEquivalent(a: Transaction, b: Transaction): boolean {
  if (a.version !== b.version || a.locktime !== b.locktime) return false;
  if (a.inputCount !== b.inputCount || a.outputCount !== b.outputCount) return false;
  for (let i = 0; i < a.inputCount; i++) {
    if (!equalRange(a.bytes, a.prevoutStart(i), b.bytes, b.prevoutStart(i), OUTPOINT_BYTES)) return false;
    if (a.sequence(i) !== b.sequence(i)) return false;
  }
  if (a.outputCount === 0) return true;
  const start = a.outputStart(0);
  const otherStart = b.outputStart(0);
  const length = a.bodyEnd - start;
  return length === b.bodyEnd - otherStart && equalRange(a.bytes, start, b.bytes, otherStart, length);
}

// What a person is told when a wallet cannot be opened or restored: what is wrong, with which file, where, and what to do.

import { formatHash } from '../../kernel/primitives/hashes.ts';
import { unreachable } from '../../kernel/util/assert.ts';
import type { RestoreFault } from './backup.ts';

const DAMAGED_ADVICE = 'nothing was changed; keep the file, and restore a backup of the wallet under another name';

/** One sentence. */
export function describeOpenFault(fault: RestoreFault): string {
  const { path } = fault;
  switch (fault.kind) {
    case 'missing':
      return `there is no wallet at ${path}`;
    case 'exists':
      return `there is a wallet at ${path} already, which is not overwritten; choose another name`;
    case 'not-a-wallet':
      return `${path} is no wallet of this program`;
    case 'unknown-format':
      return `${path} has format ${fault.got}, and this program knows ${fault.expected}: a later version has written it; use that one`;
    case 'damaged':
      return `${path} is damaged at byte ${fault.offset}: ${DAMAGED_ADVICE}`;
    case 'truncated':
      return `${path} ends too early, at byte ${fault.offset}: ${DAMAGED_ADVICE}`;
    case 'bad-record':
      return `${path} holds a record that no version of this program writes (${fault.key.slice(0, 100)}): ${DAMAGED_ADVICE}`;
    case 'other-ledger':
      return `${path} belongs to the ledger that begins with block ${formatHash(fault.got)}, and this one begins with ${formatHash(fault.expected)}`;
    default:
      return unreachable(fault);
  }
}

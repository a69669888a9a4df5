// What a person should know about the locks of a descriptor (Core MiniscriptDescriptor): of a relative lock only 16 bits count, so that
// a longer one is reached much too early.

import { SEQUENCE_LOCKTIME_MASK, SEQUENCE_LOCKTIME_TYPE_FLAG } from '../../kernel/primitives/locktime.ts';
import type { Descriptor } from './descriptor.ts';
import { nodesInOrder } from './miniscript/node.ts';

/** Sentences about relative locks that mean less than they say, in Core's words. */
export function describeUnsafeLocks(descriptor: Descriptor): readonly string[] {
  switch (descriptor.type) {
    case 'miniscript':
      return nodesInOrder(descriptor.root).flatMap(({ fragment, number }) =>
        fragment === 'older' ? describeLock(number) : [],
      );
    case 'sh':
    case 'wsh':
      return describeUnsafeLocks(descriptor.inner);
    case 'tr':
      return descriptor.leaves.flatMap((leaf) => describeUnsafeLocks(leaf.descriptor));
    default:
      return [];
  }
}

function describeLock(number: number): readonly string[] {
  const isTime = (number & SEQUENCE_LOCKTIME_TYPE_FLAG) !== 0;
  const value = isTime ? number - SEQUENCE_LOCKTIME_TYPE_FLAG : number;
  if (value <= SEQUENCE_LOCKTIME_MASK) return [];
  return [
    isTime
      ? `time-based relative locktime: older(${number}) > (65535 * 512) seconds is unsafe`
      : `height-based relative locktime: older(${number}) > 65535 blocks is unsafe`,
  ];
}

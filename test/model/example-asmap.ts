// The map of autonomous systems of Core's own tests (asmap.raw): 101.0.0.0/15 is system 1, 101.N.0.0/16 is system N for N from 2 to 7,
// 101.8.0.0/13 is 8, and the upper half of IPv4 is 1000.

import { fromHex } from '../../src/kernel/util/bytes.ts';

/** Its 59 bytes. */
export const EXAMPLE_ASMAP: Uint8Array = fromHex(
  'fb03ec0fb03fc0fe00fb03ec0fb03fc0fe00fb03ec0fb0fffffeffedb0ffd486e628290000400000' +
    '400040990100800180040000050006001cf039',
);

/** What Core calls it, as it shows hashes. */
export const EXAMPLE_ASMAP_VERSION = 'bafc9da308f45179443bd1d22325400ac9104f741522d003e3fac86700f68895';

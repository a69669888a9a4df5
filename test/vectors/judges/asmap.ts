// Judge of a map of autonomous systems: the bytes are a map, with the version that Core shows for it, and the first and last address
// of every range, and those beside it, have the system that Core's own decoder (contrib/asmap) prints for them.

import { reversedBytes, toHex } from '../../../src/kernel/util/bytes.ts';
import { isValidAsmap } from '../../../src/node/wire/asmap.ts';
import { parseHost } from '../../../src/node/wire/net-address.ts';
import { NetGroups } from '../../../src/node/wire/net-groups.ts';
import { EXAMPLE_ASMAP_VERSION } from '../../model/example-asmap.ts';
import { type CaseOutcome, compareOutcome, isInside, type Judge, verdictOutcome } from '../judge.ts';

/** Addresses at the edges of the ranges; 0: in none. */
const SYSTEMS: readonly (readonly [string, number])[] = [
  ['1.0.0.0', 0],
  ['100.255.255.255', 0],
  ['101.0.0.0', 1],
  ['101.1.255.255', 1],
  ['101.2.0.0', 2],
  ['101.2.255.255', 2],
  ['101.3.0.0', 3],
  ['101.4.0.0', 4],
  ['101.5.0.0', 5],
  ['101.6.0.0', 6],
  ['101.7.255.255', 7],
  ['101.8.0.0', 8],
  ['101.15.255.255', 8],
  ['101.16.0.0', 0],
  ['126.255.255.255', 0],
  ['128.0.0.0', 1000],
  ['250.0.0.0', 1000],
  ['223.255.255.255', 1000],
  ['2a00::1', 0],
];

const asmapJudge: Judge = {
  name: 'maps of autonomous systems',
  matches: (file) => isInside(file, 'p2p/asmap'),
  *run(file): Iterable<CaseOutcome> {
    const map = file.bytes();
    yield verdictOutcome('is a map', isValidAsmap(map) ? null : 'refused');
    yield verdictOutcome('is none without its last byte', isValidAsmap(map.subarray(0, -1)) ? 'taken' : null);
    const groups = new NetGroups(map);
    yield compareOutcome('version', toHex(reversedBytes(groups.version)), EXAMPLE_ASMAP_VERSION);
    for (const [text, system] of SYSTEMS) yield compareOutcome(text, groups.mappedAs(parseHost(text, 0)!), system);
  },
};

export const judges: readonly Judge[] = [asmapJudge];

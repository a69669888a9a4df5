// Where a node gets its first addresses (Core ThreadDNSAddressSeed, ConvertSeeds): names whose DNS answers are nodes, and a list of
// nodes that comes with the program. What a seed says is used with care, since whoever runs one could choose all our peers: at
// most 32 addresses of each, all seeds asked at once while we know nobody, few at a time and late when we know some (E05).
//
// Names are in the parameters of each network (kernel/consensus/networks). Fixed seeds are bytes of BIP155, decoded here; the
// program carries none yet: Core's list is made by crawling the network, and a copy of it would be neither ours nor fresh. Where no
// name can be resolved, the operator gives a node with -addnode, -seednode or -connect (docs/deviations.md).

import { compactSizeLength, writeCompactSizeAt } from '../../kernel/encoding/compact-size.ts';
import { type DecodeError, decodeResult } from '../../kernel/encoding/decode-error.ts';
import { ByteReader } from '../../kernel/encoding/reader.ts';
import { joinBytes } from '../../kernel/util/bytes.ts';
import type { Rng } from '../../kernel/util/prng.ts';
import type { Result } from '../../kernel/util/result.ts';
import { addrv2Codec } from '../wire/messages/addr.ts';
import { createInternalAddress, isValid, type NetAddress, parseHost } from '../wire/net-address.ts';
import type { AddressEntry } from '../wire/packed-lists.ts';
import { NODE_NETWORK, NODE_WITNESS } from '../wire/protocol.ts';

/** What the nodes are that we ask seeds for (Core SeedsServiceFlags). */
export const SEED_SERVICES: bigint = NODE_NETWORK | NODE_WITNESS;

/** Addresses used of one answer, so that no seed dominates the address manager (Core). */
export const SEED_ADDRESSES_MAX = 32;
/** Texts of one answer that are looked at, so that junk costs nothing; arbitrary, eight times as many as are used. */
const SEED_ANSWERS_MAX = 256;

const DAY_SEC = 86_400;

/** The name to resolve: seeds filter by services when those stand before their name in hexadecimal digits. */
export function seedHost(seed: string): string {
  return `x${SEED_SERVICES.toString(16)}.${seed}`;
}

/** Who stands as the source of a seed's addresses. */
export function seedSource(seed: string): NetAddress {
  return createInternalAddress(seedHost(seed));
}

/**
 * The addresses of an answer, each with a random age of three to seven days, since nobody knows when they were last seen. What is no
 * numeric address is passed over.
 */
export function readSeedAnswer(
  answers: readonly string[],
  defaultPort: number,
  nowSec: number,
  rng: Rng,
): AddressEntry[] {
  const entries: AddressEntry[] = [];
  for (const text of answers.slice(0, SEED_ANSWERS_MAX)) {
    if (entries.length === SEED_ADDRESSES_MAX) break;
    const address = parseHost(text, defaultPort);
    if (address === null || !isValid(address)) continue;
    entries.push({ address, services: SEED_SERVICES, timeSec: agedSec(nowSec, 3 * DAY_SEC, 4 * DAY_SEC, rng) });
  }
  return entries;
}

/** A time at least `ageMinSec` ago, and up to `spreadSec` more. */
function agedSec(nowSec: number, ageMinSec: number, spreadSec: number, rng: Rng): number {
  return Math.max(0, nowSec - ageMinSec - rng.below(spreadSec));
}

// --- fixed seeds

/** Who stands as the source of fixed seeds. */
export const FIXED_SEEDS_SOURCE: NetAddress = createInternalAddress('fixedseeds');

/** Time and services of an entry of `addrv2`, none of which a fixed seed has. */
const NO_TIME_NO_SERVICES = new Uint8Array(4 + 1);

/** Reads fixed seeds: network, length, address and port of each as in BIP155, one behind the other, without a count. */
export function decodeFixedSeeds(bytes: Uint8Array): Result<readonly NetAddress[], DecodeError> {
  return decodeResult(() => {
    const reader = new ByteReader(bytes);
    const parts: Uint8Array[] = [];
    while (reader.remaining > 0) {
      const start = reader.position;
      reader.skip(1, 'network');
      reader.skip(reader.compactSize('address length') + 2, 'address');
      parts.push(NO_TIME_NO_SERVICES, bytes.subarray(start, reader.position));
    }
    const count = new Uint8Array(compactSizeLength(parts.length / 2));
    writeCompactSizeAt(count, 0, parts.length / 2);
    const { entries } = addrv2Codec.decode(new ByteReader(joinBytes([count, ...parts])));
    return Array.from(entries, (entry) => entry.address).filter(isValid);
  });
}

/** Fixed seeds as the address manager takes them, each with a random age of one to two weeks (Core ConvertSeeds). */
export function ageFixedSeeds(seeds: readonly NetAddress[], nowSec: number, rng: Rng): AddressEntry[] {
  return seeds.map((address) => ({
    address,
    services: SEED_SERVICES,
    timeSec: agedSec(nowSec, 7 * DAY_SEC, 7 * DAY_SEC, rng),
  }));
}

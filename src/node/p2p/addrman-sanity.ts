// Whether the parts of the address manager agree with one another: Core's CheckAddrman with its codes, which people know from
// -checkaddrman and from the refusal of a damaged peers.dat. Slow, on purpose: it computes every place again.

import { isZeroBytes } from '../../kernel/util/bytes.ts';
import { NETWORK_NUMBERS, type Network } from '../wire/net-address.ts';
import { NO_SLOT } from './addrman-store.ts';
import { type AddrCounts, type AddrTables, NEW_REFERENCES_MAX } from './addrman-tables.ts';

const NETWORKS = Object.keys(NETWORK_NUMBERS) as readonly (Network | 'unroutable')[];

/** 0 when all is well, otherwise the code of what is not (Core CheckAddrman). */
export function checkAddrTables(tables: AddrTables): number {
  const { store } = tables;
  const counts = tables.counts();
  if (store.size !== counts.new + counts.tried) return -7;
  const tried = new Set<number>();
  /** Places that each new entry should have. */
  const references = new Map<number, number>();
  for (let i = 0; i < store.size; i++) {
    const slot = store.slotAt(i);
    const bad = checkEntry(tables, slot, i);
    if (bad !== 0) return bad;
    if (store.columns.isTried[slot] === 1) tried.add(slot);
    else references.set(slot, store.columns.refCount[slot]!);
  }
  if (tried.size !== counts.tried) return -9;
  if (references.size !== counts.new) return -10;
  return checkTried(tables, tried) || checkNew(tables, references) || checkKeyAndCounts(tables);
}

function checkEntry(tables: AddrTables, slot: number, randomPosition: number): number {
  const { store } = tables;
  const { isTried, refCount, lastSuccessSec, lastTrySec } = store.columns;
  if (isTried[slot] === 1) {
    if (lastSuccessSec[slot] === 0) return -1;
    if (refCount[slot] !== 0) return -2;
  } else {
    if (refCount[slot]! > NEW_REFERENCES_MAX) return -3;
    if (refCount[slot] === 0) return -4;
  }
  if (store.find(store.address(slot)) !== slot) return -5;
  if (store.columns.randomPosition[slot] !== randomPosition) return -14;
  if (lastTrySec[slot]! < 0) return -6;
  return lastSuccessSec[slot]! < 0 ? -8 : 0;
}

/** Every taken place holds an entry that belongs there, and every entry has its place. Empties `expected`. */
function checkTried(tables: AddrTables, expected: Set<number>): number {
  let bad = 0;
  tables.forEachPlace('tried', (slot, bucket, position) => {
    if (bad !== 0) return;
    if (!expected.delete(slot)) bad = -11;
    else {
      const place = tables.placeOf('tried', slot);
      if (place.bucket !== bucket) bad = -17;
      else if (place.position !== position) bad = -18;
    }
  });
  if (bad !== 0) return bad;
  return expected.size === 0 ? 0 : -13;
}

/** As {@link checkTried}, with as many places as an entry counts, in whatever buckets: they depend on who told us. */
function checkNew(tables: AddrTables, expected: Map<number, number>): number {
  let bad = 0;
  tables.forEachPlace('new', (slot, bucket, position) => {
    if (bad !== 0) return;
    const left = expected.get(slot) ?? NO_SLOT;
    if (left === NO_SLOT) bad = -12;
    else if (tables.newPlaceIn(bucket, tables.store.address(slot)).position !== position) bad = -19;
    else if (left === 1) expected.delete(slot);
    else expected.set(slot, left - 1);
  });
  if (bad !== 0) return bad;
  return expected.size === 0 ? 0 : -15;
}

function checkKeyAndCounts(tables: AddrTables): number {
  if (isZeroBytes(tables.hasher.key)) return -16;
  const { store } = tables;
  const counted = new Map<Network | 'unroutable', AddrCounts>();
  for (let i = 0; i < store.size; i++) {
    const slot = store.slotAt(i);
    const network = store.network(slot);
    const counts = counted.get(network) ?? { new: 0, tried: 0 };
    counts[store.columns.isTried[slot] === 1 ? 'tried' : 'new']++;
    counted.set(network, counts);
  }
  for (const network of NETWORKS) {
    const counts = tables.counts(network);
    const { new: countNew, tried } = counted.get(network) ?? { new: 0, tried: 0 };
    if (counts.new !== countNew || counts.tried !== tried) return -21;
  }
  return 0;
}

// Block filters in the form in which a peer wants them (BIP157).

import { type BlockEntry, type BlockIndex, NO_ENTRY } from '../../kernel/chain/block-index.ts';
import { BASIC_FILTER_TYPE, NO_FILTER_HEADER } from '../index/block-filter.ts';
import type { FilterIndex } from '../index/filter-index.ts';
import type { FilterPortion } from '../p2p/filter-serving.ts';
import type { Message } from '../wire/messages.ts';
import { HashList } from '../wire/packed-lists.ts';

const filterType = BASIC_FILTER_TYPE;

/** Where filters are; null while there is none, as when an index is built anew. */
export interface FilterSource {
  readonly filters: FilterIndex | null;
}

/** Reads a portion and makes the messages that carry it; null when a filter of it is missing. Throws StorageError. */
export function readFilterMessages(
  { filters }: FilterSource,
  index: BlockIndex,
  portion: FilterPortion,
): Promise<readonly Message[] | null> {
  if (filters === null) return Promise.resolve(null);
  switch (portion.type) {
    case 'filters':
      return readFilters(filters, index, portion.entries);
    case 'hashes':
      return readHashes(filters, index, portion.before, portion.entries);
    case 'checkpoints':
      return readCheckpoints(filters, index, portion.stop, portion.entries);
  }
}

async function readFilters(
  filters: FilterIndex,
  index: BlockIndex,
  entries: readonly BlockEntry[],
): Promise<readonly Message[] | null> {
  const messages: Message[] = [];
  for (const entry of entries) {
    const filter = await filters.readFilter(entry);
    if (filter === null) return null;
    messages.push({ type: 'cfilter', filterType, blockHash: index.blockHash(entry), filter });
  }
  return messages;
}

async function readHashes(
  filters: FilterIndex,
  index: BlockIndex,
  before: BlockEntry,
  entries: readonly BlockEntry[],
): Promise<readonly Message[] | null> {
  const previousFilterHeader = before === NO_ENTRY ? NO_FILTER_HEADER : await filters.readHeader(before);
  const rows = await filters.readRowsOf(entries);
  if (previousFilterHeader === null || rows === null) return null;
  const filterHashes = HashList.of(rows.map(({ filterHash }) => filterHash));
  const stopHash = index.blockHash(entries.at(-1)!);
  return [{ type: 'cfheaders', filterType, stopHash, previousFilterHeader, filterHashes }];
}

async function readCheckpoints(
  filters: FilterIndex,
  index: BlockIndex,
  stop: BlockEntry,
  entries: readonly BlockEntry[],
): Promise<readonly Message[] | null> {
  const rows = await filters.readRowsOf(entries);
  if (rows === null) return null;
  const filterHeaders = HashList.of(rows.map(({ header }) => header));
  return [{ type: 'cfcheckpt', filterType, stopHash: index.blockHash(stop), filterHeaders }];
}

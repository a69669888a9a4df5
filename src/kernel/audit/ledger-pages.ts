// The pages of a ledger as they lie on a disk, for an audit: bytes and where they are, in words for people. Nothing is checked here.

import { formatBlockFileName } from '../chain/block-file-name.ts';
import type { BlockEntry } from '../chain/block-index.ts';
import { BLOCK_BYTES_MAX } from '../chain/block-scan.ts';
import type { Chainstate } from '../chain/chainstate.ts';
import { StorageError } from '../chain/ports.ts';
import type { BlockHash } from '../primitives/hashes.ts';
import { EMPTY_BYTES } from '../util/bytes.ts';

/** A page as it was found. */
export interface LedgerPage {
  /** Empty when nothing could be read. */
  readonly bytes: Uint8Array;
  /** Where it lies: `blk00000.dat at 8`. */
  readonly place: string;
  /** Why nothing could be read, or null. */
  readonly fault: string | null;
}

/** A ledger that can be read page by page. */
export interface LedgerPages {
  /** Height of the last page. */
  readonly height: number;
  /** What the ledger's own index calls the page at a height. */
  blockHash(height: number): BlockHash;
  read(height: number): Promise<LedgerPage>;
  /** False once the page at a height is another one than it was. */
  isStill(height: number, blockHash: BlockHash): boolean;
}

/** The pages of a chain that runs, or that was opened for this: those of its best branch. */
export class ChainPages implements LedgerPages {
  readonly #chain: Chainstate;

  constructor(chain: Chainstate) {
    this.#chain = chain;
  }

  get height(): number {
    return this.#chain.height;
  }

  blockHash(height: number): BlockHash {
    return this.#chain.index.blockHash(this.#entry(height));
  }

  isStill(height: number, blockHash: BlockHash): boolean {
    const { index, active } = this.#chain;
    const entry = index.find(blockHash);
    return active.contains(entry) && index.height(entry) === height;
  }

  async read(height: number): Promise<LedgerPage> {
    const { index, state } = this.#chain;
    const entry = this.#entry(height);
    if (!index.hasData(entry)) return { bytes: EMPTY_BYTES, place: 'no file', fault: 'the block is not on this disk' };
    const position = index.dataPosition(entry);
    const place = `${formatBlockFileName('blk', position.file)} at ${position.offset}`;
    try {
      const bytes = await state.store.readBlockPart(position, 0, BLOCK_BYTES_MAX);
      return { bytes, place, fault: null };
    } catch (error) {
      if (!(error instanceof StorageError)) throw error;
      return { bytes: EMPTY_BYTES, place, fault: error.message };
    }
  }

  #entry(height: number): BlockEntry {
    return this.#chain.active.at(height);
  }
}

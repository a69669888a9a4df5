// Takes the blocks of files into the chain, whatever order they lie in (Core ImportBlocks, LoadExternalBlockFile): the node's own
// block files after their index was lost (-reindex), which are only read and taken note of where they lie, or foreign ones
// (-loadblock), whose blocks are stored like any other. A block whose parent is unknown waits as a position and is read again
// once the parent has come. Files may be read-only. What a block is worth is the chain's to say: a verdict on one does not stop
// the import, a StorageError does.

import type { ChainParams } from '../consensus/params.ts';
import { type Block, decodeBlock } from '../primitives/block.ts';
import type { BlockHash } from '../primitives/hashes.ts';
import { equalBytes } from '../util/bytes.ts';
import type { Rng } from '../util/prng.ts';
import { formatBlockFileName } from './block-file-name.ts';
import { scanBlocks } from './block-scan.ts';
import type { BlockPosition } from './block-store.ts';
import type { Obfuscation } from './obfuscation.ts';
import type { FileHandle, Folder } from './ports.ts';
import { type WaitingBlock, WaitingBlocks } from './waiting-blocks.ts';

/** The chain, as far as an import needs it. */
export interface ImportTarget {
  /** Whether the header of a block is known and not refused: its children may come. */
  hasHeader(blockHash: BlockHash): boolean;
  /** Whether the block itself is stored. */
  hasBlock(blockHash: BlockHash): boolean;
  /** Judges a block whose parent is known, and keeps it; with `position` it lies in the node's own files already. */
  submit(block: Block, position: BlockPosition | null): Promise<void>;
}

/** How far an import is. */
export interface ImportProgress {
  /** The file that is read. */
  readonly name: string;
  /** How many files are done, of how many. */
  readonly fileIndex: number;
  readonly fileCount: number;
  /** Bytes of this file that were looked at, and that it has. */
  readonly bytesDone: number;
  readonly bytesTotal: number;
  /** Blocks found in all files, those handed to the chain, and those that wait for a parent. */
  readonly foundCount: number;
  readonly submittedCount: number;
  readonly waitingCount: number;
}

/** A block that does not lie behind its parent. */
export interface OutOfOrderEvent {
  readonly blockHash: BlockHash;
  readonly parentHash: BlockHash;
  /** False: it has to wait; true: it waits no more. */
  readonly isTaken: boolean;
}

/** How to import. */
export interface ImportOptions {
  readonly params: ChainParams;
  readonly target: ImportTarget;
  /** Salts a table. */
  readonly rng: Rng;
  /** Told of a block that came before its parent, and of its turn when the parent has come. */
  readonly onOutOfOrder?: (event: OutOfOrderEvent) => void;
  /** Told after each piece of a file. */
  readonly onProgress?: (progress: ImportProgress) => void;
  /** Asked before each block; true ends the import in order. */
  readonly isStopped?: () => boolean;
  /** Most blocks that wait; tests want few. */
  readonly waitingCountMax?: number;
}

/** What an import did. */
export interface ImportResult {
  readonly foundCount: number;
  readonly submittedCount: number;
  /** Blocks whose parent never came. */
  readonly orphanCount: number;
  /** False: it was stopped, and another run goes on. */
  readonly isComplete: boolean;
}

/** A file to import. */
interface Source {
  readonly name: string;
  readonly folder: Folder;
  readonly obfuscation: Obfuscation;
  /** Its number among the node's own files; null: a foreign one. */
  readonly number: number | null;
}

/** Imports the node's own block files, from the first to the last before a gap in the numbers. */
export async function importOwnFiles(
  folder: Folder,
  obfuscation: Obfuscation,
  options: ImportOptions,
): Promise<ImportResult> {
  const names = new Set(await folder.list());
  const sources: Source[] = [];
  for (let number = 0; names.has(formatBlockFileName('blk', number)); number++) {
    sources.push({ name: formatBlockFileName('blk', number), folder, obfuscation, number });
  }
  return new Import(sources, options).run();
}

/** Imports a foreign file, such as a bootstrap.dat or a block file of another node. */
export async function importFile(
  folder: Folder,
  name: string,
  obfuscation: Obfuscation,
  options: ImportOptions,
): Promise<ImportResult> {
  return new Import([{ name, folder, obfuscation, number: null }], options).run();
}

class Import {
  readonly #sources: readonly Source[];
  readonly #options: ImportOptions;
  /** Positions name their file by its place in #sources. */
  readonly #waiting: WaitingBlocks;
  #foundCount = 0;
  #submittedCount = 0;

  constructor(sources: readonly Source[], options: ImportOptions) {
    this.#sources = sources;
    this.#options = options;
    this.#waiting = new WaitingBlocks(options.rng, options.waitingCountMax);
  }

  async run(): Promise<ImportResult> {
    let isComplete = true;
    for (let i = 0; i < this.#sources.length && isComplete; i++) {
      isComplete = await this.#withFile(i, (file) => this.#importSource(i, file));
    }
    return {
      foundCount: this.#foundCount,
      submittedCount: this.#submittedCount,
      orphanCount: this.#waiting.count + this.#waiting.refusedCount,
      isComplete,
    };
  }

  /** False when it was stopped. */
  async #importSource(sourceIndex: number, file: FileHandle): Promise<boolean> {
    const { params } = this.#options;
    const { obfuscation } = this.#sources[sourceIndex]!;
    const bytesTotal = await file.size();
    for await (const { blocks, end } of scanBlocks(file, { params, obfuscation })) {
      for (const { block, offset } of blocks) {
        if (this.#options.isStopped?.() === true) return false;
        this.#foundCount++;
        await this.#take(block, { file: sourceIndex, offset, byteLength: block.totalSize });
      }
      this.#report(sourceIndex, end, bytesTotal);
    }
    return true;
  }

  /** Submits a block and all that waited for it, or lets it wait. */
  async #take(block: Block, position: WaitingBlock): Promise<void> {
    const { target, params } = this.#options;
    const { blockHash, previousBlockHash } = block.header;
    const isGenesis = equalBytes(blockHash, params.consensus.genesisHash);
    if (!isGenesis && !target.hasHeader(previousBlockHash)) {
      this.#waiting.add(previousBlockHash, position);
      this.#options.onOutOfOrder?.({ blockHash, parentHash: previousBlockHash, isTaken: false });
      return;
    }
    await this.#submit(block, position);
    const parents = [blockHash];
    for (let parent = parents.pop(); parent !== undefined; parent = parents.pop()) {
      if (!target.hasHeader(parent)) continue;
      for (const child of this.#waiting.take(parent)) {
        const found = await this.#readAgain(child);
        if (found === null) continue;
        const { blockHash: childHash } = found.header;
        this.#options.onOutOfOrder?.({ blockHash: childHash, parentHash: parent, isTaken: true });
        await this.#submit(found, child);
        parents.push(childHash);
      }
    }
  }

  async #submit(block: Block, position: WaitingBlock): Promise<void> {
    if (this.#options.target.hasBlock(block.header.blockHash)) return;
    const { number } = this.#sources[position.file]!;
    this.#submittedCount++;
    await this.#options.target.submit(block, number === null ? null : { file: number, offset: position.offset });
  }

  /** A block that had to wait; null when the file has changed since. */
  async #readAgain(position: WaitingBlock): Promise<Block | null> {
    const bytes = await this.#withFile(position.file, (file) => file.read(position.offset, position.byteLength));
    this.#sources[position.file]!.obfuscation.apply(bytes, position.offset);
    const decoded = decodeBlock(bytes);
    return decoded.ok ? decoded.value : null;
  }

  async #withFile<T>(sourceIndex: number, action: (file: FileHandle) => Promise<T>): Promise<T> {
    const { folder, name } = this.#sources[sourceIndex]!;
    const file = await folder.open(name, 'read');
    try {
      return await action(file);
    } finally {
      await file.close();
    }
  }

  #report(fileIndex: number, bytesDone: number, bytesTotal: number): void {
    this.#options.onProgress?.({
      name: this.#sources[fileIndex]!.name,
      fileIndex,
      fileCount: this.#sources.length,
      bytesDone,
      bytesTotal,
      foundCount: this.#foundCount,
      submittedCount: this.#submittedCount,
      waitingCount: this.#waiting.count,
    });
  }
}

// Imports of block files with progress: the node's own after -reindex, foreign ones of -loadblock, in this order (Core
// ImportBlocks). Log lines are Core's.

import { existsSync, statSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { formatBlockFileName } from '../kernel/chain/block-file-name.ts';
import {
  type ImportOptions,
  type ImportProgress,
  type ImportResult,
  importFile,
  importOwnFiles,
  type OutOfOrderEvent,
} from '../kernel/chain/block-import.ts';
import type { Chainstate } from '../kernel/chain/chainstate.ts';
import { readForeignObfuscation, readObfuscation } from '../kernel/chain/xor-key.ts';
import type { ChainParams } from '../kernel/consensus/params.ts';
import { formatHash } from '../kernel/primitives/hashes.ts';
import { NodeFolder } from '../platform/node/folder.ts';
import { createSystemRng } from './chain-storage.ts';
import { StartupError } from './error-text.ts';
import type { Logger } from './log.ts';
import { formatCount, type ProgressDisplay } from './progress.ts';
import type { StopRequest } from './stop-request.ts';

/** What an import works with. */
export interface ImportContext {
  readonly chain: Chainstate;
  readonly params: ChainParams;
  readonly log: Logger;
  readonly progress: ProgressDisplay;
  readonly stop: StopRequest;
  readonly nowSec: () => number;
}

/** Magic and size before each block. */
const RECORD_HEADER_BYTES = 8;

/** Files of -loadblock must be there before anything begins. */
export function checkImportFiles(paths: readonly string[]): void {
  for (const path of paths) {
    if (!statSync(path, { throwIfNoEntry: false })?.isFile()) {
      throw new StartupError(`Could not open blocks file ${path}`);
    }
  }
}

/** Builds the block index from the files in the blocks folder. */
export async function reindexOwnFiles(context: ImportContext, blocksPath: string): Promise<void> {
  const { log } = context;
  const folder = new NodeFolder(blocksPath);
  const sizes = listOwnFileSizes(blocksPath);
  const obfuscation = await readObfuscation(folder);
  const result = await runImport(context, 'Reindexing', sizes, {
    begin: ({ name, fileIndex }) => {
      log.info(`Reindexing block file ${name} (${Math.floor((fileIndex * 100) / sizes.length)}% complete)...`);
    },
    run: (options) => importOwnFiles(folder, obfuscation, options),
  });
  if (!result.isComplete) {
    log.info('Interrupt requested. Exit reindexing.');
    return;
  }
  tellResult(log, result);
  await context.chain.finishReindex(context.nowSec());
  log.info('Reindexing finished');
}

/** Imports foreign files. */
export async function importForeignFiles(context: ImportContext, paths: readonly string[]): Promise<void> {
  const { log, stop } = context;
  for (const path of paths) {
    if (stop.isMade) return;
    const folder = new NodeFolder(dirname(resolve(path)));
    const name = basename(path);
    const obfuscation = await readForeignObfuscation(folder, name);
    log.info(`Importing blocks file ${path}...`);
    const result = await runImport(context, `Importing ${name}`, [statSync(path).size], {
      begin: () => {},
      run: (options) => importFile(folder, name, obfuscation, options),
    });
    if (!result.isComplete) {
      log.info('Interrupt requested. Exit block importing.');
      return;
    }
    tellResult(log, result);
  }
}

function listOwnFileSizes(blocksPath: string): readonly number[] {
  const sizes: number[] = [];
  for (;;) {
    const path = join(blocksPath, formatBlockFileName('blk', sizes.length));
    if (!existsSync(path)) return sizes;
    sizes.push(statSync(path).size);
  }
}

function tellResult(log: Logger, result: ImportResult): void {
  log.info(`Loaded ${result.submittedCount} blocks from external file`);
  if (result.orphanCount > 0) log.warn(`${result.orphanCount} blocks were left out: their parents are not known.`);
}

function formatOutOfOrder({ blockHash, parentHash, isTaken }: OutOfOrderEvent): string {
  const [block, parent] = [formatHash(blockHash), formatHash(parentHash)];
  return isTaken
    ? `LoadExternalBlockFile: Processing out of order child ${block} of ${parent}`
    : `LoadExternalBlockFile: Out of order block ${block}, parent ${parent} not known`;
}

/** One import of one or more files. */
interface ImportWork {
  /** A file begins. */
  begin(progress: ImportProgress): void;
  run(options: ImportOptions): Promise<ImportResult>;
}

async function runImport(
  context: ImportContext,
  task: string,
  sizes: readonly number[],
  work: ImportWork,
): Promise<ImportResult> {
  const { chain, params, log, progress, stop, nowSec } = context;
  let doneBytes = 0;
  let fileIndex = -1;
  const report = (): void => progress.report(doneBytes, `block ${formatCount(chain.height)}`);
  const onProgress = (state: ImportProgress): void => {
    if (state.fileIndex !== fileIndex) work.begin(state);
    fileIndex = state.fileIndex;
    doneBytes = sizes.slice(0, fileIndex).reduce((sum, size) => sum + size, 0) + state.bytesDone;
    report();
  };
  progress.begin(
    task,
    sizes.reduce((sum, size) => sum + size, 0),
    'bytes',
  );
  try {
    return await chain.import(nowSec, (target) =>
      work.run({
        params,
        rng: createSystemRng(),
        isStopped: () => stop.isMade,
        onProgress,
        onOutOfOrder: (event) => log.debug('reindex', () => formatOutOfOrder(event)),
        target: {
          ...target,
          submit: async (block, position) => {
            await target.submit(block, position);
            // Between two reports of whole pieces of the file the bar follows the blocks.
            doneBytes += RECORD_HEADER_BYTES + block.totalSize;
            report();
          },
        },
      }),
    );
  } finally {
    progress.end();
  }
}

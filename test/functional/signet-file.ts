// The blocks of the signet run as a block file, for nodes that import it.

import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { skipWithout, vectorsPath } from '../vectors/folder.ts';
import { writeBlockFile } from './node.ts';
import { withFolder } from './programs.ts';

const SIGNET_MAGIC = '0a03cf40';

/** Runs a test in a folder with the file, or says that there are no vectors. */
export async function withSignetFile(
  context: { skip(message: string): void },
  use: (folder: string, file: string) => Promise<void>,
): Promise<void> {
  const source = join(vectorsPath(), 'blocks/signet/blocks.json');
  if (!existsSync(source)) {
    skipWithout(context, source);
    return;
  }
  await withFolder(async (folder) => {
    const rows = JSON.parse(readFileSync(source, 'utf8')) as { block: string; height: number }[];
    rows.sort((a, b) => a.height - b.height);
    const file = join(folder, 'signet.dat');
    const blocks = rows.map(({ block }) => Buffer.from(block, 'hex'));
    writeBlockFile(file, SIGNET_MAGIC, blocks);
    await use(folder, file);
  });
}

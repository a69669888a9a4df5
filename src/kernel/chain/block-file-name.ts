// Names of block and undo files: blk00000.dat, rev00000.dat; five digits, more when they are needed (S15).

/** The two kinds of numbered files. */
export type BlockFileKind = 'blk' | 'rev';

const BLOCK_FILE_NAME = /^(blk|rev)(\d{5,})\.dat$/;

/** The name of file `number`. */
export function formatBlockFileName(kind: BlockFileKind, number: number): string {
  return `${kind}${String(number).padStart(5, '0')}.dat`;
}

/** Kind and number of a block or undo file, or null when the name is none that {@link formatBlockFileName} gives. */
export function parseBlockFileName(name: string): { readonly kind: BlockFileKind; readonly number: number } | null {
  const match = BLOCK_FILE_NAME.exec(name);
  if (match === null) return null;
  const kind = match[1] === 'blk' ? 'blk' : 'rev';
  const number = Number(match[2]);
  return formatBlockFileName(kind, number) === name ? { kind, number } : null;
}

// The key file of a blocks folder, xor.dat: 8 bytes, or 8 zeros for files that are not obfuscated (Core InitBlocksdirXorKey).

import { isZeroBytes, toHex } from '../util/bytes.ts';
import type { Rng } from '../util/prng.ts';
import { parseBlockFileName } from './block-file-name.ts';
import { OBFUSCATION_KEY_BYTES, Obfuscation } from './obfuscation.ts';
import { type Folder, StorageError } from './ports.ts';
import { writeFileAtomic } from './write-file-atomic.ts';

/** Name of the key file. */
export const XOR_KEY_FILE = 'xor.dat';

/** The key of a folder whose files are only read; no key file means none is used. */
export async function readObfuscation(folder: Folder): Promise<Obfuscation> {
  if (!(await folder.exists(XOR_KEY_FILE))) return new Obfuscation(new Uint8Array(OBFUSCATION_KEY_BYTES));
  const file = await folder.open(XOR_KEY_FILE, 'read');
  try {
    return new Obfuscation(await file.read(0, OBFUSCATION_KEY_BYTES));
  } finally {
    await file.close();
  }
}

/**
 * The key of a file that is to be imported: that of its folder when it is a block file by name, and none for a bootstrap.dat or
 * the like, which may lie beside them. (Core reads every file of -loadblock without a key.)
 */
export async function readForeignObfuscation(folder: Folder, name: string): Promise<Obfuscation> {
  if (parseBlockFileName(name) !== null) return readObfuscation(folder);
  return new Obfuscation(new Uint8Array(OBFUSCATION_KEY_BYTES));
}

/**
 * The key of a folder, written first where there is none: a random one when `isWanted` and the folder is new, which it is while it
 * has only hidden files; zeros otherwise, since files without a key file were written without a key.
 */
export async function openObfuscation(
  folder: Folder,
  options: { readonly isWanted: boolean; readonly rng: Rng },
): Promise<Obfuscation> {
  if (!(await folder.exists(XOR_KEY_FILE))) {
    const isFirstRun = (await folder.list()).every((name) => name.startsWith('.'));
    const length = OBFUSCATION_KEY_BYTES;
    const key = options.isWanted && isFirstRun ? options.rng.bytes(length) : new Uint8Array(length);
    await writeFileAtomic(folder, XOR_KEY_FILE, key);
  }
  const obfuscation = await readObfuscation(folder);
  if (options.isWanted || isZeroBytes(obfuscation.key)) return obfuscation;
  const path = `${folder.path}/${XOR_KEY_FILE}`;
  const text = `Stored key: '${toHex(obfuscation.key)}', stored path: '${path}'.`;
  throw new StorageError(
    'incompatible',
    path,
    `The blocksdir XOR-key can not be disabled when a random key was already stored! ${text}`,
  );
}

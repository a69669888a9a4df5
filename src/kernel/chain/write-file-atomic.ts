// Small files that are replaced as a whole: settings, peers, keys. The new contents are written beside the old and synced, then
// take the name, then the name is synced, so that whatever happens in between the file is the old one or the new one, and never
// empty or half (S13; Core writes addrdb.cpp and settings the same way).

import type { Folder } from './ports.ts';

/** What the new contents are called until they are complete; one that a crash left behind is overwritten. */
export function temporaryName(name: string): string {
  return `.${name}.new`;
}

/** Replaces a file by `bytes`, or makes it. When the promise resolves, the new contents have survived a power cut. */
export async function writeFileAtomic(folder: Folder, name: string, bytes: Uint8Array): Promise<void> {
  const temporary = temporaryName(name);
  const file = await folder.open(temporary, 'create');
  try {
    await file.truncate(0);
    await file.write(0, bytes);
    await file.sync();
  } finally {
    await file.close();
  }
  await folder.rename(temporary, name);
  await folder.sync();
}

/** The whole contents of a file. */
export async function readWholeFile(folder: Folder, name: string): Promise<Uint8Array> {
  const file = await folder.open(name, 'read');
  try {
    return await file.read(0, await file.size());
  } finally {
    await file.close();
  }
}

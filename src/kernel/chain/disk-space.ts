// Room on the device (Core CheckDiskSpace): asked before much is written, so that the node stops in order while the system can
// still work, and not in the middle of a write.

import { type Folder, StorageError } from './ports.ts';

/** Always left free (Core MIN_DISK_SPACE): 50 MiB. */
export const DISK_SPACE_LEFT_BYTES: number = 50 * 2 ** 20;

/** Throws `disk-full` unless `wantedBytes` can be written and enough is left; a platform that does not tell has room. */
export async function checkDiskSpace(folder: Folder, wantedBytes: number): Promise<void> {
  const freeBytes = await folder.freeBytes();
  if (freeBytes === null || freeBytes >= wantedBytes + DISK_SPACE_LEFT_BYTES) return;
  throw new StorageError('disk-full', folder.path, 'Disk space is too low!');
}

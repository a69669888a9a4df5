// Backups: a copy of a wallet's file without garbage, and the way back. Neither ever overwrites another wallet (K05, K13).

import type { BlockHash } from '../../kernel/primitives/hashes.ts';
import { equalBytes } from '../../kernel/util/bytes.ts';
import { err, ok, type Result } from '../../kernel/util/result.ts';
import type { WalletFolder, WalletHome } from '../ports.ts';
import { type OpenFault, WALLET_FILE } from './record-log.ts';
import { decodeRecord } from './record-shapes.ts';
import { decodeHeader, decodeWalletFile, encodeWalletFile } from './wallet-file.ts';
import type { WalletStore } from './wallet-store.ts';

/** Why there is no backup: the file there is something else than an older backup of this wallet. */
export interface BackupFault {
  readonly kind: 'occupied';
  readonly path: string;
}

/** Puts a backup at a path, in the place of an older one of the same wallet if there is one. */
export async function writeBackup(store: WalletStore, home: WalletHome, path: string): Promise<BackupFault | null> {
  const before = await home.readBackup(path);
  if (before !== null) {
    const header = decodeHeader(before);
    const isSame = header.ok && equalBytes(header.value.walletId, store.identity.walletId);
    if (!isSame) return { kind: 'occupied', path };
  }
  await home.writeBackup(path, await store.exportFile());
  return null;
}

/** Why a backup cannot be restored. */
export type RestoreFault = OpenFault | { readonly kind: 'exists'; readonly path: string };

/**
 * Makes the wallet of a backup in a folder that has none; `path` is what the backup is called, for messages. `isTorn`: it was copied
 * from a wallet at work and ends in the middle of a write, which is left out.
 */
export async function restoreBackup(
  folder: WalletFolder,
  backup: { readonly path: string; readonly bytes: Uint8Array },
  genesisHash: BlockHash | null,
): Promise<Result<{ readonly isTorn: boolean }, RestoreFault>> {
  const { path, bytes } = backup;
  if ((await folder.list()).includes(WALLET_FILE))
    return err({ kind: 'exists', path: `${folder.path}/${WALLET_FILE}` });
  const contents = decodeWalletFile(bytes, genesisHash);
  if (!contents.ok) return err({ ...contents.error, path });
  const { header, records, end } = contents.value;
  for (const [key, text] of records) {
    if (decodeRecord(key, text) === null) return err({ kind: 'bad-record', key, path });
  }
  await folder.sweep();
  await folder.create(WALLET_FILE, encodeWalletFile(header, header.generation + 1, records).bytes);
  return ok({ isTorn: end < bytes.length });
}

/**
 * Takes a restored wallet away again, for one that cannot be loaded: the next attempt is to find the folder as it was. A file that is
 * not that wallet's stays, whoever has put it there (K05).
 */
export async function withdrawRestored(folder: WalletFolder, backup: Uint8Array): Promise<void> {
  const bytes = await folder.read(WALLET_FILE);
  const found = bytes === null ? null : decodeHeader(bytes);
  const restored = decodeHeader(backup);
  if (!found?.ok || !restored.ok || !equalBytes(found.value.walletId, restored.value.walletId)) return;
  await folder.wipe(WALLET_FILE);
}

// A wallet that watches what another one has, as a file (Core ExportWatchOnlyWallet): descriptors, transactions, addresses, locked coins
// and the block that was seen last, and of the keys what is public. Whoever holds it sees everything and can spend nothing.

import { err, ok, type Result } from '../../kernel/util/result.ts';
import { drawEntropy } from '../keys/entropy.ts';
import { MemoryWalletFolder } from '../store/memory-home.ts';
import { BOOK_KINDS, type StoredRecord } from '../store/records.ts';
import { WALLET_ID_BYTES } from '../store/wallet-file.ts';
import { WalletStore } from '../store/wallet-store.ts';
import type { Wallet } from './wallet.ts';

/** The bytes of such a file; the error is a sentence. Within a command. */
export async function createWatchOnlyFile(wallet: Wallet): Promise<Result<Uint8Array, string>> {
  const { store, host, flags, books } = wallet;
  if (store.all('descriptor').length === 0) return err('Wallet has no descriptors to export');
  // So that whoever loads it begins at the block of now.
  await wallet.editNow((draft) => books.transactions.saveTip(draft.books));
  const walletId = drawEntropy(host.secureRandom, WALLET_ID_BYTES);
  const identity = { walletId, genesisHash: store.identity.genesisHash, createdSec: host.nowSec() };
  const records: StoredRecord[] = [{ ...flags, hasPrivateKeys: false, isBlank: false }];
  // The records of the books hold no secret.
  for (const kind of BOOK_KINDS) {
    for (const record of store.all(kind)) records.push(record);
  }
  const copy = await WalletStore.create(new MemoryWalletFolder(), identity, records);
  return ok(await copy.exportFile());
}

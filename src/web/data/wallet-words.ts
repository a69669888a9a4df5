// Wallets that grow from words (BIP39): the node draws new words, and makes a wallet of words that a person has written down. Words go
// from the answer to what shows them and are kept nowhere: no query, no storage, no address has them.

import type { RpcClient } from '../../api/client.ts';
import { withKeys } from './wallet-keys.ts';
import type { OpenedWallet } from './wallet-list.ts';

/** Lists of words to choose from, in the node's words. */
export const WORD_LANGUAGES = ['english', 'simplified-chinese', 'traditional-chinese'] as const;

/** A list of words. */
export type WordLanguage = (typeof WORD_LANGUAGES)[number];

/** How many words new ones can be. */
export const NEW_WORD_COUNTS = [12, 24] as const;

/** A number of words for a new wallet. */
export type NewWordCount = (typeof NEW_WORD_COUNTS)[number];

interface WordsAnswer {
  readonly mnemonic: string;
}

/** New words, drawn by the node. */
export async function drawWords(
  client: RpcClient,
  wordCount: NewWordCount,
  language: WordLanguage,
): Promise<readonly string[]> {
  const { mnemonic } = await client.call<WordsAnswer>('createmnemonic', { words: wordCount, language });
  return mnemonic.split(' ');
}

/** The words that a wallet was made of. */
export interface ShownWords {
  readonly words: readonly string[];
  /** Without a passphrase of their own, which is kept nowhere, these words give another wallet. */
  readonly needsWordPassphrase: boolean;
}

interface ShownAnswer extends WordsAnswer {
  readonly needs_passphrase: boolean;
}

/** Shows the words of a wallet again; the passphrase is null where none is needed. */
export function showWords(client: RpcClient, wallet: string, passphrase: string | null): Promise<ShownWords> {
  return withKeys(client, wallet, passphrase, async () => {
    const answer = await client.call<ShownAnswer>('showmnemonic', [], { wallet });
    return { words: answer.mnemonic.split(' '), needsWordPassphrase: answer.needs_passphrase };
  });
}

/** A wallet that is to grow from words. */
export interface WordWallet {
  readonly name: string;
  readonly words: readonly string[];
  /** The passphrase that belongs to the words (BIP39); empty: none. */
  readonly wordPassphrase: string;
  /** Guards the keys in the file; empty: nothing does. */
  readonly passphrase: string;
  /** Since when it may have been paid: the ledger is read from there; null: from its beginning. */
  readonly birthTimeSec: number | null;
}

/** Makes a wallet of words and opens it. */
export function createWordWallet(client: RpcClient, wallet: WordWallet): Promise<OpenedWallet> {
  const { name, words, wordPassphrase, passphrase, birthTimeSec } = wallet;
  return client.call<OpenedWallet>('createmnemonicwallet', {
    wallet_name: name,
    mnemonic: words.join(' '),
    mnemonic_passphrase: wordPassphrase,
    passphrase,
    ...(birthTimeSec === null ? {} : { birth_time: birthTimeSec }),
    load_on_startup: true,
  });
}

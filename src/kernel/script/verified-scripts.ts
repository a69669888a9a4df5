// Remembers which transactions had all their scripts verified, and under which flags, so that a transaction that was checked for the
// mempool costs its block nothing (Core ValidationCache, m_script_execution_cache). The wtxid commits to everything that scripts
// read: the transaction with its witnesses, and by the outpoints the outputs that it spends. Only successes are remembered.

import { LossySet, type LossySetOptions } from '../crypto/lossy-set.ts';
import type { Wtxid } from '../primitives/hashes.ts';

/** A bounded set of transactions with verified scripts. */
export class VerifiedScripts {
  readonly #set: LossySet;

  constructor(options: LossySetOptions) {
    this.#set = new LossySet(options);
  }

  /** True while nothing was ever added: nothing need be looked up. */
  get isEmpty(): boolean {
    return this.#set.isEmpty;
  }

  /** True when all scripts of the transaction have succeeded under exactly these flags before. */
  has(wtxid: Wtxid, flags: number): boolean {
    this.#set.begin().update(wtxid).updateU32(flags);
    return this.#set.has();
  }

  /** Remembers that all scripts of the transaction have succeeded under these flags. */
  add(wtxid: Wtxid, flags: number): void {
    this.#set.begin().update(wtxid).updateU32(flags);
    this.#set.add();
  }
}

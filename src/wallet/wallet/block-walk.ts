// What a wallet does with the blocks that its follower comes by.

import { formatHash } from '../../kernel/primitives/hashes.ts';
import type { BlockPlace } from '../books/block-trail.ts';
import type { ChainBlock } from '../chain-source.ts';
import { type BlockReceiver, BlocksMissingError } from './chain-follower.ts';
import type { WalkedWallet } from './walked-wallet.ts';

/** Takes blocks in for one wallet. */
export class BlockWalk implements BlockReceiver {
  readonly #wallet: WalkedWallet;
  /** The scripts of the wallet, for filters, as long as there are so many. */
  #scripts: { readonly count: number; readonly all: readonly Uint8Array[] } = { count: 0, all: [] };

  constructor(wallet: WalkedWallet) {
    this.#wallet = wallet;
  }

  get lastBlock(): BlockPlace | null {
    return this.#wallet.books.view.tip;
  }

  get birthTimeSec(): number | null {
    return this.#wallet.books.scripts.birthSec;
  }

  skipTo(block: ChainBlock): Promise<void> {
    const { transactions } = this.#wallet.books;
    return this.#wallet.run(() =>
      this.#wallet.editNow((draft) => {
        transactions.skipTo(block, draft.books);
      }),
    );
  }

  async connect(block: ChainBlock, isBehind: boolean): Promise<void> {
    const wallet = this.#wallet;
    const { chain, books, host } = wallet;
    const passes = isBehind && (await this.mayTouch(block)) === false;
    const transactions = passes ? [] : await chain.readBlock(block.blockHash);
    if (transactions === null) throw new BlocksMissingError(block.height);
    await wallet.change((draft) => {
      const at = { nowSec: host.nowSec() };
      return books.transactions.blockConnected(block, transactions, at, draft.books);
    });
  }

  /** Whether a block may concern the wallet, by its filter; null without one. */
  async mayTouch({ blockHash, height }: ChainBlock): Promise<boolean | null> {
    const { chain, log } = this.#wallet;
    const mayTouch = await chain.mayTouch(blockHash, this.#allScripts());
    if (mayTouch === true) {
      log.scan(() => `Fast rescan: inspect block ${height} [${formatHash(blockHash)}] (filter matched)`);
    }
    return mayTouch;
  }

  /** Says that blocks are looked through from one on, and whether filters help with it. */
  async announce({ blockHash }: ChainBlock): Promise<void> {
    const { chain, log, name } = this.#wallet;
    const isFast = (await chain.mayTouch(blockHash, this.#allScripts())) !== null;
    const variant = isFast ? 'fast variant using block filters' : 'slow variant inspecting all blocks';
    log.info(`[${name}] Rescan started from block ${formatHash(blockHash)}... (${variant})`);
  }

  rewind(): Promise<void> {
    const { chain, books } = this.#wallet;
    return this.#wallet.run(() =>
      this.#wallet.editNow((draft) => {
        const { tip } = books.view;
        // Of a block that the node knows it knows the fork as well; of others the trail remembers one not far behind.
        const known = tip === null ? null : chain.forkOf(tip.blockHash);
        const fork = known ?? books.view.findFork((blockHash) => chain.heightOf(blockHash));
        books.transactions.rewind(fork, draft.books);
      }),
    );
  }

  /** What the mempool was told to have meanwhile may have been of another chain. */
  settle(): Promise<void> {
    const { chain, books } = this.#wallet;
    return this.#wallet.run(() =>
      this.#wallet.editNow((draft) => {
        books.transactions.refreshMempool((txid) => chain.isInMempool(txid), draft.books);
      }),
    );
  }

  #allScripts(): readonly Uint8Array[] {
    const { scripts } = this.#wallet.books;
    if (this.#scripts.count !== scripts.scriptCount) {
      this.#scripts = { count: scripts.scriptCount, all: [...scripts.scripts()] };
    }
    return this.#scripts.all;
  }
}

// What the chain gives reason to warn of: changes of the rules that miners have agreed on and this program does not know, and a chain
// with much more work than ours that breaks a rule (Core UpdateTip, CheckForkWarningConditions). A node that warns so may
// be the one that has to be upgraded.

import { type BlockEntry, NO_ENTRY } from '../kernel/chain/block-index.ts';
import type { Chainstate } from '../kernel/chain/chainstate.ts';
import { IndexBranch } from '../kernel/chain/index-branch.ts';
import type { ChainParams } from '../kernel/consensus/params.ts';
import { computeWork } from '../kernel/consensus/target.ts';
import { computeUnknownActivations, VersionbitsCache } from '../kernel/consensus/versionbits.ts';
import type { Unsubscribe } from '../kernel/util/signal.ts';
import type { Warnings } from '../node/app/warnings.ts';
import type { Logger } from './log.ts';

/** An invalid chain is worth a warning when it is longer than ours by the work of so many blocks (Core). */
const INVALID_LEAD_BLOCKS = 6n;

const INVALID_CHAIN_FOUND =
  'Found invalid chain more than 6 blocks longer than our best chain. This could be due to database corruption or consensus incompatibility with peers.';

/** Sets and unsets warnings as the chain goes on. */
export class ChainWarnings {
  readonly #params: ChainParams;
  readonly #chain: Chainstate;
  readonly #warnings: Warnings;
  readonly #log: Logger;
  readonly #branch: IndexBranch;
  readonly #cache: VersionbitsCache = new VersionbitsCache();
  readonly #subscriptions: readonly Unsubscribe[];
  /** The invalid block with the most work that was seen since the start, or NO_ENTRY. */
  #bestInvalid: BlockEntry = NO_ENTRY;
  #lastTip: BlockEntry;

  constructor(params: ChainParams, chain: Chainstate, warnings: Warnings, log: Logger) {
    this.#params = params;
    this.#chain = chain;
    this.#warnings = warnings;
    this.#log = log;
    this.#branch = new IndexBranch(chain.index, chain.active);
    this.#lastTip = chain.active.tip;
    this.#subscriptions = [
      chain.signals.blockChecked.subscribe(({ block, reject }) => {
        if (reject !== null) this.#noteInvalid(chain.index.find(block.header.blockHash));
      }),
      chain.signals.tipChanged.subscribe(({ tip }) => {
        // An operator may have declared it invalid.
        this.#noteInvalid(this.#lastTip);
        this.#lastTip = tip;
        this.#lookForUnknownRules();
        this.#compareWithInvalid();
      }),
    ];
  }

  /** Watches no longer. */
  close(): void {
    for (const unsubscribe of this.#subscriptions) unsubscribe();
  }

  #lookForUnknownRules(): void {
    const { isInitialDownload, active } = this.#chain;
    if (isInitialDownload) return;
    const branch = this.#branch.moveTo(active.tip);
    for (const { bit, isActive } of computeUnknownActivations(this.#params, branch, branch.height, this.#cache)) {
      const text = `Unknown new rules activated (versionbit ${bit})`;
      if (isActive) this.#warnings.set('unknown-rules', text);
      else this.#log.warn(text);
    }
  }

  /** The block is invalid, and with it all that stands on it. */
  #noteInvalid(entry: BlockEntry): void {
    const { index } = this.#chain;
    if (entry === NO_ENTRY || !index.isFailed(entry)) return;
    const note = (one: BlockEntry): true => {
      const best = this.#bestInvalid;
      if (best === NO_ENTRY || index.chainWork(one) > index.chainWork(best)) this.#bestInvalid = one;
      return true;
    };
    note(entry);
    index.forEachDescendant(entry, note);
    this.#compareWithInvalid();
  }

  #compareWithInvalid(): void {
    const { index, active } = this.#chain;
    const { tip } = active;
    const invalid = this.#bestInvalid;
    if (invalid !== NO_ENTRY && !index.isFailed(invalid)) this.#bestInvalid = NO_ENTRY;
    const lead = INVALID_LEAD_BLOCKS * computeWork(index.bits(tip));
    if (this.#bestInvalid === NO_ENTRY || index.chainWork(invalid) <= index.chainWork(tip) + lead) {
      this.#warnings.unset('large-invalid-chain');
      return;
    }
    this.#log.warn(INVALID_CHAIN_FOUND);
    this.#warnings.set('large-invalid-chain', `Warning: ${INVALID_CHAIN_FOUND}`);
  }
}

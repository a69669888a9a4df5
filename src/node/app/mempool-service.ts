// The mempool of a node with everything around it: acceptance, the coins that it judges by, the way in, the chain that it follows, its
// file. Made and started before the network, stopped after it.

import type { Chainstate } from '../../kernel/chain/chainstate.ts';
import { CoinsLookup } from '../../kernel/chain/coins-lookup.ts';
import { type Folder, StorageError } from '../../kernel/chain/ports.ts';
import type { JobVerifier } from '../../kernel/consensus/script-job.ts';
import type { PolicyOptions } from '../../kernel/policy/options.ts';
import type { Rng } from '../../kernel/util/prng.ts';
import { TransactionAcceptance } from '../mempool/accept.ts';
import { ActiveChainView } from '../mempool/accept-chain.ts';
import { Mempool } from '../mempool/mempool.ts';
import type { Clock, Logger, Timers } from '../ports.ts';
import { FeeService } from './fee-service.ts';
import { type LoadOutcome, MempoolFile } from './mempool-file.ts';
import { MempoolKeeper } from './mempool-keeper.ts';
import { TransactionIntake } from './transaction-intake.ts';

/** What a mempool is told. */
export interface MempoolServiceOptions {
  readonly policy: PolicyOptions;
  /** Whether it is kept in a file between two runs (-persistmempool). */
  readonly isPersistent: boolean;
  /** Fee estimates of the last run are used however old they are (-acceptstalefeeestimates). */
  readonly acceptsStaleFees: boolean;
  /** False: fees are not estimated, for lack of transactions to learn from (-blocksonly). */
  readonly estimatesFees?: boolean;
}

/** What it stands on. */
export interface MempoolServicePorts {
  readonly chain: Chainstate;
  /** Judges scripts on this thread; it serves nobody else. */
  readonly verifier: JobVerifier;
  /** For mempool.dat. */
  readonly folder: Folder;
  readonly clock: Clock;
  readonly timers: Timers;
  readonly log: Logger;
  readonly rng: Rng;
}

/** A mempool at work. */
export class MempoolService {
  readonly mempool: Mempool;
  readonly intake: TransactionIntake;
  readonly keeper: MempoolKeeper;
  readonly file: MempoolFile;
  readonly fees: FeeService | null;
  readonly #isPersistent: boolean;
  readonly #ports: MempoolServicePorts;
  #isStopping = false;
  #loading: Promise<unknown> = Promise.resolve();
  /** Outpoints that evicted transactions spent. */
  #freed: Uint8Array[] = [];

  constructor(options: MempoolServiceOptions, ports: MempoolServicePorts) {
    const { chain, verifier, clock, timers, rng } = ports;
    const coins = new CoinsLookup(chain.state.coins);
    const { verifiedScripts } = chain.state;
    this.#ports = ports;
    this.#isPersistent = options.isPersistent;
    this.mempool = new Mempool(options.policy, rng.fork('mempool'));
    const acceptance = new TransactionAcceptance({
      mempool: this.mempool,
      chain: new ActiveChainView(chain, coins),
      verifier,
      onVerified: (transaction, flags) => verifiedScripts?.add(transaction.wtxid, flags),
      onFreed: (outpoints) => this.#freed.push(outpoints),
    });
    this.keeper = new MempoolKeeper({
      chain,
      mempool: this.mempool,
      acceptance,
      coins,
      clock,
      timers,
      rng: rng.fork('disconnected'),
    });
    this.intake = new TransactionIntake({
      acceptance,
      coins,
      keeper: this.keeper,
      clock,
      timers,
      onJudged: () => this.#forgetFreed(),
    });
    this.file = new MempoolFile({
      ...ports,
      mempool: this.mempool,
      intake: this.intake,
      isStopping: () => this.#isStopping,
    });
    const fees = { ...ports, rng: rng.fork('fees'), acceptsStale: options.acceptsStaleFees };
    this.fees = options.estimatesFees === false ? null : new FeeService(fees);
  }

  /** What was in the mempool when the program ended last is in it again, as far as it is still good. */
  get isLoaded(): boolean {
    return this.mempool.isLoaded;
  }

  /** Begins to follow the chain, and to read the file; nobody waits for that. `onFailed` hears of what is no matter of the file. */
  start(onFailed: (error: unknown) => void): void {
    this.keeper.start();
    this.fees?.start(this.mempool.signals, onFailed);
    this.#loading = this.#load().catch(onFailed);
  }

  async #load(): Promise<LoadOutcome | null> {
    await this.fees?.load();
    const outcome = this.#isPersistent ? await this.file.load() : null;
    this.mempool.isLoaded = outcome?.outcome !== 'stopped';
    return outcome;
  }

  #forgetFreed(): void {
    if (this.#freed.length === 0) return;
    for (const outpoints of this.#freed) this.#ports.chain.forgetCoins(outpoints);
    this.#freed = [];
  }

  /** Stops in order. The file is written only when it was read to its end: half of it would replace the whole. */
  async stop(): Promise<void> {
    this.#isStopping = true;
    await this.#loading;
    await this.intake.close();
    this.keeper.stop();
    await this.fees?.stop();
    if (this.#isPersistent && this.isLoaded) await this.#saveAtLast();
  }

  /** A disk that does not take the file costs the next run its mempool, and this one nothing. */
  async #saveAtLast(): Promise<void> {
    try {
      await this.file.save();
    } catch (error) {
      if (!(error instanceof StorageError)) throw error;
      this.log.warn(`Failed to dump mempool: ${error.message}. Continuing anyway.`);
    }
  }

  /** Where lines for people go. */
  get log(): Logger {
    return this.#ports.log;
  }
}

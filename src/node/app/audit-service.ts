// Audits of the ledger of a node that runs, one at a time and beside everything else: page by page with pauses, to the tip as it is
// when the audit gets there, then the coins. A reorganisation that takes an audited page away begins it anew.

import type { AuditCoins, AuditFault, AuditFigures, AuditMark } from '../../kernel/audit/audit-report.ts';
import { LedgerAudit } from '../../kernel/audit/ledger-audit.ts';
import { ChainPages } from '../../kernel/audit/ledger-pages.ts';
import type { Chainstate } from '../../kernel/chain/chainstate.ts';
import type { Pauses } from '../../kernel/chain/coins-store.ts';
import type { KvStore } from '../../kernel/chain/ports.ts';
import { equalBytes } from '../../kernel/util/bytes.ts';
import type { Clock, Timers } from '../ports.ts';

/** A store for the coins of one audit. */
export interface AuditStore {
  readonly store: KvStore;
  /** Closes the store and takes away what it wrote. */
  remove(): Promise<void>;
}

/** What audits work with. */
export interface AuditPorts {
  readonly chain: Chainstate;
  readonly clock: Clock;
  readonly timers: Timers;
  /** An empty store, outside of the node's own. */
  readonly openStore: () => Promise<AuditStore>;
  readonly coinsCacheBytes: number;
}

/** What an audit is doing. */
export type AuditStage = 'pages' | 'coins' | 'over';

/** What became of an audit, or will. */
export type AuditVerdict =
  | { readonly kind: 'running' }
  | { readonly kind: 'good' }
  | { readonly kind: 'bad'; readonly fault: AuditFault }
  | { readonly kind: 'aborted' }
  /** The audit itself broke: a disk is full, a thread ended. No word about the ledger. */
  | { readonly kind: 'failed'; readonly message: string };

/** An audit as it stands. */
export interface AuditStatus {
  readonly id: number;
  readonly verdict: AuditVerdict;
  readonly stage: AuditStage;
  /** Pages that are done, and pages that there are. */
  readonly done: number;
  readonly total: number;
  readonly startedMs: number;
  readonly endedMs: number | null;
  readonly figures: AuditFigures | null;
  readonly coins: AuditCoins | null;
  readonly marks: readonly AuditMark[];
}

/** Work at a stretch. */
const SLICE_MS = 10;

/** Runs audits. */
export class AuditService {
  readonly #ports: AuditPorts;
  #current: AuditRun | null = null;
  #count = 0;

  constructor(ports: AuditPorts) {
    this.#ports = ports;
  }

  /** The audit that runs, or the last one; null before the first. */
  get status(): AuditStatus | null {
    return this.#current?.status ?? null;
  }

  /** Begins an audit; null when one runs already. `onProgress` is called after every page, and when it is over. */
  start(onProgress: (status: AuditStatus) => void = () => undefined): AuditStatus | null {
    if (this.#current?.status.verdict.kind === 'running') return null;
    this.#current = new AuditRun(++this.#count, this.#ports, onProgress);
    return this.#current.status;
  }

  /** Resolves when no audit runs. */
  async whenOver(): Promise<void> {
    await this.#current?.over;
  }

  /** Ends the audit that runs, if there is one, after its present page. */
  abort(): boolean {
    const run = this.#current;
    if (run?.status.verdict.kind !== 'running') return false;
    run.abort();
    return true;
  }

  /** Ends everything. */
  async close(): Promise<void> {
    this.abort();
    await this.whenOver();
  }
}

/** One audit. */
class AuditRun {
  readonly over: Promise<void>;
  readonly #ports: AuditPorts;
  readonly #pages: ChainPages;
  readonly #pauses: Pauses;
  readonly #onProgress: (status: AuditStatus) => void;
  #status: AuditStatus;
  #isAborted = false;

  constructor(id: number, ports: AuditPorts, onProgress: (status: AuditStatus) => void) {
    this.#ports = ports;
    this.#pages = new ChainPages(ports.chain);
    this.#pauses = createPauses(ports);
    this.#onProgress = onProgress;
    this.#status = {
      id,
      verdict: { kind: 'running' },
      stage: 'pages',
      done: 0,
      total: ports.chain.height + 1,
      startedMs: ports.clock.wallMs(),
      endedMs: null,
      figures: null,
      coins: null,
      marks: [],
    };
    this.over = this.#run();
  }

  get status(): AuditStatus {
    return this.#status;
  }

  abort(): void {
    this.#isAborted = true;
  }

  async #run(): Promise<void> {
    let verdict: AuditVerdict;
    try {
      verdict = await this.#auditAgainAndAgain();
    } catch (error) {
      verdict = { kind: 'failed', message: error instanceof Error ? error.message : String(error) };
    }
    this.#set({ verdict, stage: 'over', endedMs: this.#ports.clock.wallMs() });
  }

  #set(change: Partial<AuditStatus>): void {
    this.#status = { ...this.#status, ...change };
    this.#onProgress(this.#status);
  }

  /** Until nothing was taken away meanwhile. */
  async #auditAgainAndAgain(): Promise<AuditVerdict> {
    for (;;) {
      const opened = await this.#ports.openStore();
      try {
        const verdict = await this.#audit(opened.store);
        if (verdict !== null) return verdict;
      } finally {
        await opened.remove();
      }
    }
  }

  /** Null: a page that was audited is no longer part of the ledger. */
  async #audit(coinsStore: KvStore): Promise<AuditVerdict | null> {
    const { chain, coinsCacheBytes } = this.#ports;
    const { params, verifier, challengeVerifier, rng } = chain.state;
    const parts = { coinsStore, coinsCacheBytes, verifier, challengeVerifier, rng };
    const audit = await LedgerAudit.open(params, parts);
    for (;;) {
      const verdict = await this.#auditPages(audit);
      if (verdict !== 'at-tip') return verdict;
      this.#set({ stage: 'coins', figures: audit.figures, marks: audit.marks });
      const coins = await audit.computeCoins(this.#pauses);
      const fault = audit.checkSum(coins);
      if (fault !== null) return { kind: 'bad', fault };
      await chain.flush(Math.floor(this.#ports.clock.wallMs() / 1000));
      // The walk through the node's coins sees them as they are now: at this page, if it is still the last.
      if (!equalBytes(chain.state.coins.bestBlock ?? new Uint8Array(0), audit.figures.blockHash)) continue;
      const difference = await audit.compareCoins(chain.state.coins, this.#pauses);
      this.#set({ coins });
      return difference === null ? { kind: 'good' } : { kind: 'bad', fault: difference };
    }
  }

  async #auditPages(audit: LedgerAudit): Promise<AuditVerdict | 'at-tip' | null> {
    while (audit.height < this.#pages.height) {
      if (this.#isAborted) return { kind: 'aborted' };
      const { height, blockHash } = audit.figures;
      if (height >= 0 && !this.#pages.isStill(height, blockHash)) return null;
      const next = height + 1;
      const expected = this.#pages.blockHash(next);
      const page = await this.#pages.read(next);
      if (!this.#pages.isStill(next, expected)) continue;
      const fault = await audit.next(page, expected, Math.floor(this.#ports.clock.wallMs() / 1000));
      this.#set({
        stage: 'pages',
        done: next + 1,
        total: this.#pages.height + 1,
        figures: audit.figures,
        marks: audit.marks,
      });
      if (fault !== null) return { kind: 'bad', fault };
      if (this.#pauses.isDue) await this.#pauses.pause();
    }
    const { height, blockHash } = audit.figures;
    if (!this.#pages.isStill(height, blockHash)) return null;
    const fault = await audit.settle();
    return fault === null ? 'at-tip' : { kind: 'bad', fault };
  }
}

function createPauses({ clock, timers }: AuditPorts): Pauses {
  let startMs = clock.monotonicMs();
  return {
    get isDue() {
      return clock.monotonicMs() - startMs >= SLICE_MS;
    },
    async pause() {
      await timers.yieldToHost();
      startMs = clock.monotonicMs();
    },
  };
}

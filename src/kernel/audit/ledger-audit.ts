// The audit of a ledger: every page is read again from the first to the last, and every hash, link, work, signature and amount of it
// is checked once more, with nothing believed that was found before: no assumed block, no remembered verdict, no coin of the node's
// own set. It keeps coins of its own, which in the end are held against those of the node. One page a step, so that its caller says
// when to pause and when to stop.

import { CoinsCache } from '../chain/coins-cache.ts';
import { CoinsPrefetch } from '../chain/coins-prefetch.ts';
import type { Pauses } from '../chain/coins-store.ts';
import { COINS_STORE_NAME } from '../chain/layout.ts';
import type { KvStore, ScriptVerifier } from '../chain/ports.ts';
import { UtxoHasher } from '../chain/utxo-hash.ts';
import { isBip30Repeat, mustSearchForOverwrites } from '../consensus/bip30.ts';
import { checkBlock, contextualCheckBlock } from '../consensus/block-check.ts';
import { CoinsOverlay } from '../consensus/coins-overlay.ts';
import { type ConnectedBlock, connectBlock } from '../consensus/connect-block.ts';
import { MemoryHeaderBranch } from '../consensus/header-branch.ts';
import { checkHeader, contextualCheckHeader } from '../consensus/header-check.ts';
import type { ChainParams } from '../consensus/params.ts';
import { type BlockReject, formatReject } from '../consensus/reject.ts';
import { type JobVerifier, rejectBlockForScript, type ScriptFailure } from '../consensus/script-job.ts';
import { getBlockSubsidy } from '../consensus/subsidy.ts';
import { computeWork } from '../consensus/target.ts';
import { type Block, decodeBlock } from '../primitives/block.ts';
import { type BlockHash, formatHash } from '../primitives/hashes.ts';
import { isUnspendable } from '../script/script.ts';
import { assert } from '../util/assert.ts';
import { equalBytes } from '../util/bytes.ts';
import type { Rng } from '../util/prng.ts';
import type { AuditCoins, AuditFault, AuditFaultKind, AuditFigures, AuditMark } from './audit-report.ts';
import { type CoinEntries, findCoinDifference } from './compare-coins.ts';
import type { LedgerPage } from './ledger-pages.ts';

/** What an audit works with. */
export interface AuditParts {
  /** Takes the coins that do not fit the memory; empty. */
  readonly coinsStore: KvStore;
  readonly coinsCacheBytes: number;
  readonly verifier: ScriptVerifier;
  /** Runs the challenge of a signet. */
  readonly challengeVerifier: JobVerifier;
  readonly rng: Rng;
}

/** Inputs whose scripts may be under way at once: enough for every thread, and little memory. */
const INPUTS_UNDER_WAY_MAX = 20_000;

/** Pages between two marks. */
const PAGES_PER_MARK = 1000;

/** A page whose scripts are being run. */
interface PageUnderWay {
  readonly block: Block;
  readonly height: number;
  readonly place: string;
  readonly inputCount: number;
  readonly verdict: Promise<ScriptFailure | null>;
}

/** An audit under way. One step at a time; after a fault there is none. */
export class LedgerAudit {
  readonly marks: AuditMark[] = [];
  readonly #params: ChainParams;
  readonly #parts: AuditParts;
  readonly #coins: CoinsCache;
  readonly #overlay: CoinsOverlay;
  readonly #prefetch: CoinsPrefetch;
  readonly #branch: MemoryHeaderBranch = new MemoryHeaderBranch();
  #underWay: PageUnderWay[] = [];
  #inputsUnderWay = 0;
  readonly #sums = {
    transactionCount: 0,
    inputCount: 0,
    outputCount: 0,
    scriptCount: 0,
    work: 0n,
    scheduledSat: 0n,
    issuedSat: 0,
    burntSat: 0,
    feesSat: 0,
  };

  private constructor(params: ChainParams, parts: AuditParts, coins: CoinsCache) {
    this.#params = params;
    this.#parts = parts;
    this.#coins = coins;
    this.#overlay = new CoinsOverlay(coins, parts.rng);
    this.#prefetch = new CoinsPrefetch(coins, parts.rng);
  }

  /** An audit that has seen nothing yet. */
  static async open(params: ChainParams, parts: AuditParts): Promise<LedgerAudit> {
    const coins = await CoinsCache.open(parts.coinsStore, { limitBytes: parts.coinsCacheBytes, rng: parts.rng });
    assert(coins.bestBlock === null, 'audit: it begins without coins');
    return new LedgerAudit(params, parts, coins);
  }

  /** Height of the last page that was taken; -1 before the first. */
  get height(): number {
    return this.#branch.height;
  }

  /** What was counted so far, pages whose scripts still run included. */
  get figures(): AuditFigures {
    const height = this.height;
    const blockHash = height < 0 ? this.#params.consensus.genesisHash : this.#branch.blockHash(height);
    return { height, blockHash, ...this.#sums };
  }

  /** Audits the next page, which the node's index calls `expected`. Null: nothing is wrong so far. */
  async next(page: LedgerPage, expected: BlockHash, nowSec: number): Promise<AuditFault | null> {
    const height = this.height + 1;
    if (page.fault !== null) return describeFault('unreadable', height, page.place, page.fault);
    const decoded = decodeBlock(page.bytes);
    if (!decoded.ok) {
      return describeFault('unreadable', height, page.place, `this is no block: ${decoded.error.message}`);
    }
    const block = decoded.value;
    const fault = this.#checkPlace(block, expected, page.place) ?? (await this.#connect(block, page.place, nowSec));
    if (fault !== null) return fault;
    while (this.#inputsUnderWay > INPUTS_UNDER_WAY_MAX) {
      const scriptFault = await this.#settleOldest();
      if (scriptFault !== null) return scriptFault;
    }
    if (this.#coins.isOverLimit) await this.#coins.flush(block.header.blockHash, 'shrink', false);
    return null;
  }

  /** Waits for all scripts that still run. */
  async settle(): Promise<AuditFault | null> {
    while (this.#underWay.length > 0) {
      const fault = await this.#settleOldest();
      if (fault !== null) return fault;
    }
    return null;
  }

  /** The link to the page before, and the name that the node has for this page. */
  #checkPlace({ header }: Block, expected: BlockHash, place: string): AuditFault | null {
    const height = this.height + 1;
    const link = height === 0 ? null : this.#branch.blockHash(height - 1);
    if (link !== null && !equalBytes(header.previousBlockHash, link)) {
      const message = `the page before it is ${formatHash(link)}, but it names ${formatHash(header.previousBlockHash)}`;
      return describeFault('broken-link', height, place, message);
    }
    const wanted = height === 0 ? this.#params.consensus.genesisHash : expected;
    if (equalBytes(header.blockHash, wanted)) return null;
    // A page with a changed header has, nearly always, lost its proof of work: that says more.
    const reject = checkHeader(header, this.#params.consensus.pow);
    if (reject !== null) return describeReject(reject, height, place);
    const message = `its hash is ${formatHash(header.blockHash)}, but the ledger has ${formatHash(wanted)} there`;
    return describeFault('other-page', height, place, message);
  }

  async #connect(block: Block, place: string, nowSec: number): Promise<AuditFault | null> {
    const height = this.height + 1;
    const reject = height === 0 ? null : this.#check(block, nowSec);
    if (reject !== null) return describeReject(reject, height, place);
    const { consensus } = this.#params;
    const searches = mustSearchForOverwrites(consensus, this.#branch, block.header.blockHash);
    this.#overlay.reset(this.#coins);
    await this.#prefetch.fetchForConnect(block, [this.#overlay], searches);
    const connected = connectBlock(block, this.#overlay, this.#branch, consensus);
    if (!connected.ok) return describeReject(connected.error, height, place);
    this.#overlay.flushInto(this.#coins);
    this.#branch.append(block.header);
    this.#count(block, connected.value);
    this.#startScripts(block, connected.value, place);
    return null;
  }

  #check(block: Block, nowSec: number): BlockReject | null {
    const { consensus } = this.#params;
    const { challengeVerifier } = this.#parts;
    return (
      contextualCheckHeader(block.header, this.#branch, consensus, nowSec) ??
      checkBlock(block, consensus, { verifier: challengeVerifier }) ??
      contextualCheckBlock(block, this.#branch, consensus)
    );
  }

  #startScripts(block: Block, connected: ConnectedBlock, place: string): void {
    if (connected.scriptJobs.length === 0) return;
    const verdict = this.#parts.verifier.verify({ block, connected });
    verdict.catch(() => undefined); // whoever waits for the page gets the error
    const inputCount = connected.undo.coins.count;
    this.#underWay.push({ block, height: this.height, place, inputCount, verdict });
    this.#inputsUnderWay += inputCount;
    this.#sums.scriptCount += inputCount;
  }

  async #settleOldest(): Promise<AuditFault | null> {
    const oldest = this.#underWay.shift()!;
    this.#inputsUnderWay -= oldest.inputCount;
    const failure = await oldest.verdict;
    if (failure === null) return null;
    const reject = rejectBlockForScript(oldest.block.transaction(failure.txIndex), failure);
    return describeReject(reject, oldest.height, oldest.place);
  }

  #count(block: Block, { feesSat, undo }: ConnectedBlock): void {
    const { consensus } = this.#params;
    const sums = this.#sums;
    const height = this.height;
    let rewardSat = 0;
    for (let i = 0; i < block.txCount; i++) {
      const tx = block.transaction(i);
      sums.outputCount += tx.outputCount;
      for (let k = 0; k < tx.outputCount; k++) {
        const valueSat = tx.valueSat(k);
        if (i === 0) rewardSat += valueSat;
        // The outputs of the first page were never coins.
        const isLost = height === 0 || isUnspendable(tx.bytes, tx.scriptPubKeyStart(k), tx.scriptPubKeyEnd(k));
        if (isLost) sums.burntSat += valueSat;
      }
    }
    // The earlier reward that this one has taken the place of is lost; it was as large.
    if (isBip30Repeat(consensus, height, block.header.blockHash)) sums.burntSat += rewardSat;
    sums.transactionCount += block.txCount;
    sums.inputCount += undo.coins.count;
    sums.work += computeWork(block.header.bits);
    sums.scheduledSat += BigInt(getBlockSubsidy(height, consensus));
    sums.issuedSat += rewardSat - feesSat;
    sums.feesSat += feesSat;
    if (height % PAGES_PER_MARK === 0) this.#mark();
  }

  #mark(): void {
    const { height, blockHash, issuedSat, burntSat, transactionCount } = this.figures;
    this.marks.push({ height, blockHash, issuedSat, burntSat, transactionCount });
  }

  /** The coins that all pages add up to, written to the store of the audit. All scripts are settled. */
  async computeCoins(pauses: Pauses): Promise<AuditCoins> {
    assert(this.#underWay.length === 0, 'audit: all scripts are settled');
    await this.#coins.flush(this.figures.blockHash, 'empty', false);
    const hasher = new UtxoHasher({ serialized: true, muhash: true });
    await this.#coins.forEachCoin((outpoint, coin) => hasher.add(outpoint, coin), pauses);
    const { coinCount, totalSat, hashSerialized3, muhash } = hasher.finish();
    return { coinCount, unspentSat: totalSat, hashSerialized3: hashSerialized3!, muhash: muhash! };
  }

  /** Holds the coins of the audit, which were computed, against those that a node keeps at the same page. */
  async compareCoins(kept: CoinEntries, pauses: Pauses): Promise<AuditFault | null> {
    const difference = await findCoinDifference(this.#coins, kept, pauses);
    if (difference === null) return null;
    const { outpoint, audited, kept: found } = difference;
    const message = `by the pages it is ${audited ?? 'spent or was never made'}, but the node keeps ${found ?? 'nothing'}`;
    return describeFault('other-coins', null, `coin ${outpoint} in ${COINS_STORE_NAME}`, message);
  }

  /** The equation of the books: what can be spent, and what nobody can, is what was issued. */
  checkSum({ unspentSat }: AuditCoins): AuditFault | null {
    const { issuedSat, burntSat, scheduledSat } = this.#sums;
    if (unspentSat + burntSat !== issuedSat) {
      const message = `${unspentSat} unspent and ${burntSat} lost make ${unspentSat + burntSat} satoshis, but ${issuedSat} were issued`;
      return describeFault('wrong-sum', null, 'all coins', message);
    }
    if (BigInt(issuedSat) <= scheduledSat) return null;
    return describeFault(
      'wrong-sum',
      null,
      'all rewards',
      `${issuedSat} satoshis were issued, ${scheduledSat} are allowed`,
    );
  }
}

function describeReject(reject: BlockReject, height: number, place: string): AuditFault {
  return { kind: 'invalid', height, place, message: formatReject(reject), reject };
}

function describeFault(kind: AuditFaultKind, height: number | null, place: string, message: string): AuditFault {
  return { kind, height, place, message, reject: null };
}

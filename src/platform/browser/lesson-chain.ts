// A private copy of the first pages of a ledger, for a lesson: anyone may change what is written on a page and mend what breaks by it,
// and after every change the kernel says of each page what a node would say. The original is never touched.

import { checkBlock, checkMerkleRoot, contextualCheckBlock } from '../../kernel/consensus/block-check.ts';
import { CoinsOverlay } from '../../kernel/consensus/coins-overlay.ts';
import { connectBlock } from '../../kernel/consensus/connect-block.ts';
import { MemoryHeaderBranch } from '../../kernel/consensus/header-branch.ts';
import { checkHeader, checkLink, contextualCheckHeader } from '../../kernel/consensus/header-check.ts';
import { MemoryCoins } from '../../kernel/consensus/memory-coins.ts';
import type { ConsensusParams } from '../../kernel/consensus/params.ts';
import { type BlockReject, rejectBlock } from '../../kernel/consensus/reject.ts';
import { computeWork, decodeCompact, encodeTarget } from '../../kernel/consensus/target.ts';
import { nobleSecp256k1 } from '../../kernel/crypto/secp256k1-noble.ts';
import { type Block, buildBlock, scanBlock } from '../../kernel/primitives/block.ts';
import { asMerkleRoot, formatHash } from '../../kernel/primitives/hashes.ts';
import { type BlockHeaderData, buildHeader } from '../../kernel/primitives/header.ts';
import { computeMerkleRoot } from '../../kernel/primitives/merkle.ts';
import { buildTransaction, type Transaction, toTransactionData } from '../../kernel/primitives/transaction.ts';
import { InputVerifier } from '../../kernel/script/verify.ts';
import { reversedBytes, toHex } from '../../kernel/util/bytes.ts';
import { createRng, type Rng } from '../../kernel/util/prng.ts';
import { findNote, replaceNote } from './lesson-note.ts';
import { readRefusal } from './lesson-refusal.ts';
import type { RefusalText } from './refusal-text.ts';

/** What a node holds against a page; null: nothing. */
export interface PageFaults {
  /** The header does not name what stands on the page. */
  readonly contents: RefusalText | null;
  /** The page does not name the hash of the one before it. */
  readonly link: RefusalText | null;
  /** The hash lies above the target. */
  readonly work: RefusalText | null;
  /** Another rule is broken: of time, difficulty, amounts. Looked at only where the first three hold. */
  readonly rules: RefusalText | null;
  /** The page is good and stands on one that is refused. */
  readonly base: RefusalText | null;
}

/** A page as a person sees it. Hashes are in hexadecimal, in the order in which people read them. */
export interface LessonPage {
  readonly height: number;
  readonly hash: string;
  /** What its header names as the page before. */
  readonly previousHash: string;
  /** What its header names as the digest of its contents. */
  readonly merkleRoot: string;
  /** The digest of what stands on it. */
  readonly contentsRoot: string;
  readonly timeSec: number;
  readonly nonce: number;
  readonly target: string;
  /** Hashes that have to be tried for it, in the mean. */
  readonly hashesNeeded: number;
  /** What its miner wrote; null: nothing that can be read. */
  readonly note: string | null;
  /** What its miner took. */
  readonly rewardSat: number;
  readonly transactionCount: number;
  /** Whether anything on it differs from the original. */
  readonly isChanged: boolean;
  readonly faults: PageFaults;
}

const NO_FAULTS: PageFaults = Object.freeze({ contents: null, link: null, work: null, rules: null, base: null });

/** Salts tables that live as long as a look at five pages. */
const LESSON_RNG: Rng = createRng(1);

/** The copy. */
export class LessonChain {
  readonly #original: readonly Block[];
  readonly #consensus: ConsensusParams;
  readonly #verifier = new InputVerifier(nobleSecp256k1);
  #blocks: Block[];

  /** `blocks` are serialized and begin with the first page of the ledger of `consensus`. */
  constructor(blocks: readonly Uint8Array[], consensus: ConsensusParams) {
    this.#original = blocks.map((bytes) => scanBlock(bytes, false));
    this.#consensus = consensus;
    this.#blocks = [...this.#original];
  }

  /** Every page with what a node holds against it. */
  get pages(): readonly LessonPage[] {
    const faults = this.#judge();
    return this.#blocks.map((block, height) => describePage(block, height, this.#original[height]!, faults[height]!));
  }

  /** The 80 bytes of a header. */
  header(height: number): Uint8Array {
    return this.#blocks[height]!.header.serialized().slice();
  }

  /** Writes another text where the miner wrote one. Nothing happens on pages without. */
  setNote(height: number, text: string): void {
    const original = this.#original[height]!.transaction(0).scriptSig(0);
    const note = findNote(original);
    if (note !== null) this.#setCoinbase(height, { scriptSig: replaceNote(original, note, text) });
  }

  /** Writes another amount in the first output of the coinbase. */
  setReward(height: number, valueSat: number): void {
    this.#setCoinbase(height, { valueSat });
  }

  /** Writes the digest of what stands on a page into its header. */
  mendContents(height: number): void {
    const { root } = computeMerkleRoot(this.#blocks[height]!.txids());
    this.#setHeader(height, { merkleRoot: asMerkleRoot(root) });
  }

  /** Writes the hash of the page before into the header of a page. */
  mendLink(height: number): void {
    this.#setHeader(height, { previousBlockHash: this.#blocks[height - 1]!.header.blockHash });
  }

  /** Writes a nonce into the header of a page. */
  setNonce(height: number, nonce: number): void {
    this.#setHeader(height, { nonce });
  }

  /** Forgets every change. */
  reset(): void {
    this.#blocks = [...this.#original];
  }

  #setHeader(height: number, change: Partial<BlockHeaderData>): void {
    const block = this.#blocks[height]!;
    const { version, previousBlockHash, merkleRoot, timeSec, bits, nonce } = block.header;
    const header = buildHeader({ version, previousBlockHash, merkleRoot, timeSec, bits, nonce, ...change });
    this.#blocks[height] = buildBlock(header, listTransactions(block));
  }

  #setCoinbase(height: number, change: { readonly scriptSig?: Uint8Array; readonly valueSat?: number }): void {
    const block = this.#blocks[height]!;
    const [coinbase, ...others] = listTransactions(block);
    const data = toTransactionData(coinbase!);
    const { scriptSig = data.inputs[0]!.scriptSig, valueSat = data.outputs[0]!.valueSat } = change;
    const changed = buildTransaction({
      ...data,
      inputs: [{ ...data.inputs[0]!, scriptSig }, ...data.inputs.slice(1)],
      outputs: [{ ...data.outputs[0]!, valueSat }, ...data.outputs.slice(1)],
    });
    this.#blocks[height] = buildBlock(block.header, [changed, ...others]);
  }

  /** Hands page after page to the kernel, as a node does with pages of a stranger. */
  #judge(): readonly PageFaults[] {
    const branch = new MemoryHeaderBranch();
    const overlay = new CoinsOverlay(new MemoryCoins(LESSON_RNG), LESSON_RNG);
    let isGood = true;
    return this.#blocks.map((block) => {
      const { header } = block;
      const contents = checkMerkleRoot(block);
      const link = branch.height < 0 ? null : checkLink(header, branch);
      const work = checkHeader(header, this.#consensus.pow);
      const isWhole = contents === null && link === null && work === null;
      const rules = isWhole && isGood ? this.#checkRules(block, branch, overlay) : null;
      branch.append(header);
      const base = isWhole && !isGood ? rejectBlock('invalid-prev', 'bad-prevblk', 'valid-parent') : null;
      isGood &&= isWhole && rules === null;
      return toFaults({ contents, link, work, rules, base });
    });
  }

  #checkRules(block: Block, branch: MemoryHeaderBranch, overlay: CoinsOverlay): BlockReject | null {
    const consensus = this.#consensus;
    const { header } = block;
    const reject = branch.height < 0 ? null : contextualCheckHeader(header, branch, consensus, header.timeSec);
    const early = reject ?? checkBlock(block, consensus, { verifier: this.#verifier });
    if (early !== null) return early;
    const late = branch.height < 0 ? null : contextualCheckBlock(block, branch, consensus);
    if (late !== null) return late;
    const connected = connectBlock(block, overlay, branch, consensus);
    return connected.ok ? null : connected.error;
  }
}

type PageRejects = { readonly [name in keyof PageFaults]: BlockReject | null };

function toFaults(rejects: PageRejects): PageFaults {
  const { contents, link, work, rules, base } = rejects;
  const tell = (reject: BlockReject | null): RefusalText | null => (reject === null ? null : readRefusal(reject));
  const isGood = Object.values(rejects).every((reject) => reject === null);
  if (isGood) return NO_FAULTS;
  return { contents: tell(contents), link: tell(link), work: tell(work), rules: tell(rules), base: tell(base) };
}

function listTransactions(block: Block): readonly Transaction[] {
  return Array.from({ length: block.txCount }, (_, i) => block.transaction(i));
}

function describePage(block: Block, height: number, original: Block, faults: PageFaults): LessonPage {
  const { header, txCount } = block;
  const coinbase = block.transaction(0);
  const scriptSig = coinbase.scriptSig(0);
  const originalNote = findNote(original.transaction(0).scriptSig(0));
  return {
    height,
    hash: formatHash(header.blockHash),
    previousHash: formatHash(header.previousBlockHash),
    merkleRoot: formatHash(header.merkleRoot),
    contentsRoot: formatHash(asMerkleRoot(computeMerkleRoot(block.txids()).root)),
    timeSec: header.timeSec,
    nonce: header.nonce,
    target: toHex(reversedBytes(encodeTarget(decodeCompact(header.bits).magnitude))),
    hashesNeeded: Number(computeWork(header.bits)),
    note: originalNote === null ? null : (findNote(scriptSig)?.text ?? ''),
    rewardSat: coinbase.valueSat(0),
    transactionCount: txCount,
    isChanged: !isSame(block, original),
    faults,
  };
}

function isSame(a: Block, b: Block): boolean {
  return toHex(a.serialized()) === toHex(b.serialized());
}

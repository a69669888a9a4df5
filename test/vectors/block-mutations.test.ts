// Real blocks with one byte of any field changed are refused, each for the right reason: as received, and again with the hashes
// above the change repaired, so that the deeper rule is seen to fire.

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { checkBlock, contextualCheckBlock } from '../../src/kernel/consensus/block-check.ts';
import { CoinsOverlay } from '../../src/kernel/consensus/coins-overlay.ts';
import { NO_COINS } from '../../src/kernel/consensus/coins-view.ts';
import { connectBlock } from '../../src/kernel/consensus/connect-block.ts';
import { isActiveAt } from '../../src/kernel/consensus/deployments.ts';
import { type HeaderBranch, MemoryHeaderBranch } from '../../src/kernel/consensus/header-branch.ts';
import { contextualCheckHeader } from '../../src/kernel/consensus/header-check.ts';
import { createNetworkParams } from '../../src/kernel/consensus/networks/all.ts';
import type { BlockReject } from '../../src/kernel/consensus/reject.ts';
import { rejectBlockForScript, runScriptJobs } from '../../src/kernel/consensus/script-job.ts';
import { checkSignetSolution } from '../../src/kernel/consensus/signet.ts';
import {
  computeWitnessCommitment,
  computeWitnessMerkleRoot,
  findWitnessCommitment,
} from '../../src/kernel/consensus/witness-commitment.ts';
import { type Block, decodeBlock } from '../../src/kernel/primitives/block.ts';
import { BlockHeader } from '../../src/kernel/primitives/header.ts';
import { computeMerkleRoot } from '../../src/kernel/primitives/merkle.ts';
import { InputVerifier } from '../../src/kernel/script/verify.ts';
import { fromHex, toHex } from '../../src/kernel/util/bytes.ts';
import { blockOf, TEST_RNG } from '../model/block-builder.ts';
import {
  COINBASE_MUTATIONS,
  type Expected,
  HEADER_CONTEXT_MUTATIONS,
  HEADER_MUTATIONS,
  type Mutation,
  PAYMENT_MUTATIONS,
} from './block-mutations.ts';
import { getCurve } from './curve.ts';
import { absenceNotice, openVectorFolder, skipWithout, vectorsPath } from './folder.ts';
import { findNetwork, Ledger } from './ledger-run.ts';
import { recogniseSpendingFile } from './spending-block.ts';
import { prepareSurroundings, type Surroundings } from './surroundings.ts';

/** How many payments of a block are changed: its first and last that qualify, and one between. */
const PAYMENTS_PER_BLOCK = 3;

/** A block in its place, ready to be changed. */
interface Scene extends Pick<Surroundings, 'params' | 'verifier'> {
  readonly block: Block;
  readonly branch: HeaderBranch;
  readonly coins: ConstructorParameters<typeof CoinsOverlay>[0];
}

/** Verdict on bytes as they come from a peer: `decode`, or the reason of the first rule that speaks. */
function judgeReceived(scene: Scene, bytes: Uint8Array): BlockReject | 'decode' | null {
  const decoded = decodeBlock(bytes);
  if (!decoded.ok) return 'decode';
  const { params, branch, verifier } = scene;
  return checkBlock(decoded.value, params, { verifier }) ?? contextualCheckBlock(decoded.value, branch, params);
}

/** Verdict of all rules but proof of work; scripts are run for transaction `txIndex` alone. */
function judgeRepaired(scene: Scene, block: Block, txIndex: number): BlockReject | null {
  const { params, branch, coins, verifier } = scene;
  const reject = checkBlock(block, params, { skipProofOfWork: true }) ?? contextualCheckBlock(block, branch, params);
  if (reject !== null) return reject;
  const connected = connectBlock(block, new CoinsOverlay(coins, TEST_RNG), branch, params);
  if (!connected.ok) return connected.error;
  const jobs = connected.value.scriptJobs.filter((job) => job.txIndex === txIndex);
  const failure = runScriptJobs(jobs, verifier, connected.value.scriptFlags);
  return failure === null ? null : rejectBlockForScript(block.transaction(failure.txIndex), failure);
}

/** Makes the hashes above a change fit again. */
function repair(bytes: Uint8Array, keepsCommitment: boolean): Block {
  const coinbase = blockOf(bytes).transaction(0);
  const output = keepsCommitment ? -1 : findWitnessCommitment(coinbase);
  if (output >= 0 && coinbase.hasWitness) {
    const commitment = computeWitnessCommitment(computeWitnessMerkleRoot(blockOf(bytes)), coinbase.witness(0)[0]!);
    bytes.set(commitment, coinbase.scriptPubKeyStart(output) + 6);
  }
  bytes.set(computeMerkleRoot(blockOf(bytes).txids()).root, 36);
  return blockOf(bytes);
}

function assertExpected(reject: BlockReject | 'decode' | null, expected: Expected, what: string): void {
  const reason = reject === null ? 'valid' : reject === 'decode' ? 'decode' : reject.reason;
  assert.ok(
    expected.some((word) => (word.endsWith('(') ? reason.startsWith(word) : reason === word)),
    `${what}: expected ${expected.join(' or ')}, got ${reason}`,
  );
}

const MUTATED_REASONS = ['bad-txnmrklroot', 'bad-txns-duplicate', 'bad-witness-merkle-match', 'unexpected-witness'];

/** Changes one byte and compares both verdicts; false when the block has no such field. */
function tryMutation(scene: Scene, mutation: Mutation, txIndex: number): boolean {
  const { block } = scene;
  const bip34 = isActiveAt(scene.params, 'bip34', scene.branch.height + 1);
  const change = mutation.locate(block.transaction(txIndex), { bip34 });
  if (change === null) return false;
  const bytes = block.serialized().slice();
  bytes[change.at]! ^= change.xor;
  const what = `${mutation.field} of transaction ${txIndex}`;
  const received = judgeReceived(scene, bytes);
  assertExpected(received, mutation.received, what);
  if (received !== 'decode' && received !== null) {
    const kind = received.reason === 'high-hash' ? 'invalid-header' : 'mutated';
    assert.equal(received.kind, kind, what);
  }
  if (mutation.repaired === undefined) return true;
  const repaired = judgeRepaired(scene, repair(bytes, mutation.keepsCommitment ?? false), txIndex);
  assertExpected(repaired, mutation.repaired, `${what}, repaired`);
  assert.equal(repaired?.kind, MUTATED_REASONS.includes(repaired?.reason ?? '') ? 'mutated' : 'consensus', what);
  return true;
}

/** Payments whose outputs no later transaction of the block spends: changing one changes no other. */
function findLeaves(block: Block): number[] {
  const spent = new Set<string>();
  for (let i = 1; i < block.txCount; i++) {
    const tx = block.transaction(i);
    for (let k = 0; k < tx.inputCount; k++) spent.add(toHex(tx.prevout(k).txid));
  }
  const leaves: number[] = [];
  for (let i = 1; i < block.txCount; i++) {
    if (!spent.has(toHex(block.transaction(i).txid))) leaves.push(i);
  }
  return leaves;
}

function chooseLeaves(block: Block): number[] {
  const leaves = findLeaves(block);
  const chosen = [leaves[0], leaves[leaves.length >> 1], leaves.at(-1)].filter((i) => i !== undefined);
  return [...new Set(chosen)].slice(0, PAYMENTS_PER_BLOCK);
}

/** Tries every row; how many changes were tried. */
function tryAll(scene: Scene): number {
  const leaves = chooseLeaves(scene.block);
  for (const i of [0, ...leaves]) {
    assert.equal(judgeRepaired(scene, blockOf(scene.block.serialized().slice()), i), null, 'the block unchanged');
  }
  let tried = 0;
  for (const mutation of [...HEADER_MUTATIONS, ...COINBASE_MUTATIONS]) tried += Number(tryMutation(scene, mutation, 0));
  for (const i of leaves) {
    for (const mutation of PAYMENT_MUTATIONS) tried += Number(tryMutation(scene, mutation, i));
  }
  return tried;
}

/** Tries the rows about headers, as a node does that sees the block an hour after it was mined; how many there were. */
function judgeHeaders(scene: Scene, network: 'main' | 'signet'): number {
  const { block, branch, params } = scene;
  for (const { field, at, xor, expected } of HEADER_CONTEXT_MUTATIONS) {
    const bytes = block.header.serialized().slice();
    bytes[at]! ^= xor;
    const reject = contextualCheckHeader(new BlockHeader(bytes), branch, params, block.header.timeSec + 3600);
    assert.equal(reject?.reason ?? null, expected[network], `${field} at height ${branch.height + 1}`);
  }
  return HEADER_CONTEXT_MUTATIONS.length;
}

const folder = openVectorFolder(vectorsPath());

describe('real blocks with one byte changed', { skip: folder === null && absenceNotice(vectorsPath()) }, () => {
  for (const file of folder?.files ?? []) {
    if (file.folder !== 'blocks/with-prevouts/normalized') continue;
    it(`${file.name}: every field is guarded by the right rule`, (context) => {
      const recognised = recogniseSpendingFile(file, folder!);
      assert.equal(recognised?.kind, 'block');
      const source = (recognised as { read(): Parameters<typeof prepareSurroundings>[0] }).read();
      const tried = tryAll({ block: source.block, ...prepareSurroundings(source, new InputVerifier(getCurve())) });
      context.diagnostic(`${tried} changes`);
      assert.ok(tried >= 14);
      file.release();
    });
  }

  it('mainnet from the genesis block: every field of every 29th block and of those with payments', (context) => {
    const file = folder!.files.find(({ path }) => path === 'blocks/mainnet/runs/first-100k-blocks.dat');
    if (file === undefined) return skipWithout(context, 'blocks/mainnet/runs/first-100k-blocks.dat');
    let tried = 0;
    let ledger: Ledger | null = null;
    for (const block of splitRun(file.bytes())) {
      ledger ??= new Ledger(findNetwork(block)!);
      if (ledger.isTip(block)) continue;
      if (block.txCount > 1 || ledger.branch.height % 29 === 0) {
        const { branch, coins } = ledger;
        const params = createNetworkParams('main').consensus;
        const scene = { block, branch, coins, params, verifier: new InputVerifier(getCurve()) };
        tried += tryAll(scene) + judgeHeaders(scene, 'main');
      }
      assert.equal(ledger.connect(block), null);
    }
    context.diagnostic(`${tried} changes`);
    assert.ok(tried > 250);
  });

  it('signet: the block signature covers version, parent, time and every byte of the coinbase', (context) => {
    const file = folder!.files.find(({ path }) => path === 'blocks/signet/blocks.json');
    if (file === undefined) return skipWithout(context, 'blocks/signet/blocks.json');
    const rows = file.json() as readonly { readonly block: string }[];
    const params = createNetworkParams('signet').consensus;
    const verifier = new InputVerifier(getCurve());
    const branch = new MemoryHeaderBranch([blockOf(fromHex(rows[0]!.block)).header]);
    for (const row of rows.slice(1, 4)) {
      const bytes = fromHex(row.block);
      judgeHeaders({ block: blockOf(bytes), branch, coins: NO_COINS, params, verifier }, 'signet');
      branch.append(blockOf(bytes).header);
      assert.equal(checkSignetSolution(blockOf(bytes), params, verifier), null);
      const coinbase = blockOf(bytes).transaction(0);
      const inBody = (at: number): boolean =>
        at >= coinbase.start && (at < coinbase.start + 4 || at >= coinbase.bodyEnd - 40);
      for (let at = 0; at < bytes.length; at++) {
        const isSigned = at < 36 || (at >= 68 && at < 72) || (inBody(at) && at < coinbase.bodyEnd);
        const isFree = (at >= 36 && at < 68) || (at >= 72 && at < 80);
        if (!isSigned && !isFree) continue;
        const changed = bytes.slice();
        changed[at]! ^= 0x04;
        const decoded = decodeBlock(changed);
        if (!decoded.ok) continue;
        const reason = checkSignetSolution(decoded.value, params, verifier)?.reason ?? null;
        assert.equal(reason, isSigned ? 'bad-signet-blksig' : null, `byte ${at}`);
      }
    }
  });
});

/** The blocks of a run of magic, length, block. */
function* splitRun(bytes: Uint8Array): Generator<Block> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  for (let at = 0; at < bytes.length; ) {
    const end = at + 8 + view.getUint32(at + 4, true);
    yield blockOf(bytes.slice(at + 8, end));
    at = end;
  }
}

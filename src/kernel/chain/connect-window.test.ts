import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { makeTx, outputOf, pay, spend } from '../../../test/model/block-builder.ts';
import { BranchBuilder, NOW_SEC } from '../../../test/model/branch-builder.ts';
import { assertCoinsEqualReplay, ChainWorld, describeBlock, describeTip } from '../../../test/model/chain-world.ts';
import type { ScriptFailure } from '../consensus/script-job.ts';
import { sha256 } from '../crypto/sha256.ts';
import { formatHash } from '../primitives/hashes.ts';
import { MANDATORY_SCRIPT_VERIFY_FLAGS, SCRIPT_VERIFY } from '../script/flags.ts';
import { VerifiedScripts } from '../script/verified-scripts.ts';
import { concatBytes } from '../util/bytes.ts';
import { ChainStoppedError, type Chainstate } from './chainstate.ts';
import { type ScriptBatch, type ScriptVerifier, StorageError, VerifierError } from './ports.ts';

/** Gives the verdicts that a test wants, in the order that it wants. */
class ActingVerifier implements ScriptVerifier {
  readonly asked: string[] = [];
  readonly #answer: (name: string) => ScriptFailure | null | Error;
  readonly #held: (() => void)[] = [];
  isHolding = false;
  openCountMax = 0;

  constructor(answer: (name: string) => ScriptFailure | null | Error = () => null) {
    this.#answer = answer;
  }

  verify({ block }: ScriptBatch): Promise<ScriptFailure | null> {
    const name = formatHash(block.header.blockHash);
    this.asked.push(name);
    return new Promise((resolve, reject) => {
      this.#held.push(() => {
        const answer = this.#answer(name);
        if (answer instanceof Error) reject(answer);
        else resolve(answer);
      });
      this.openCountMax = Math.max(this.openCountMax, this.#held.length);
      if (!this.isHolding) setImmediate(() => this.release());
    });
  }

  /** Answers everything that was asked, the last first. */
  release(): void {
    for (const answer of this.#held.splice(0).reverse()) answer();
  }

  async close(): Promise<void> {}
}

/** A branch whose blocks from 101 on each spend a coin and the change of the block before. */
function chainedBranch(height: number): BranchBuilder {
  const builder = new BranchBuilder();
  builder.mineMany(100);
  let previous = builder.spendCoinbase(1);
  builder.mine({ transactions: [previous] });
  while (builder.height < height) {
    const next = makeTx(
      [spend(outputOf(previous)), spend(outputOf(builder.at(builder.height - 99).transaction(0)))],
      [pay(previous.valueSat(0)), pay(1000)],
    );
    builder.mine({ transactions: [next] });
    previous = next;
  }
  return builder;
}

async function storeAll(chain: Chainstate, builder: BranchBuilder): Promise<void> {
  await chain.acceptHeaders(
    builder.blocks.map(({ header }) => header),
    NOW_SEC,
  );
  // From the last to the second, so that everything is stored and nothing can be connected.
  for (let height = builder.height; height > 1; height--) await chain.submitBlock(builder.at(height), NOW_SEC);
}

const FAILURE: ScriptFailure = { txIndex: 1, inputIndex: 0, error: 'EVAL_FALSE' };
const SMALL = { inputs: 7, blocks: 4, bytes: 100_000 };

describe('connecting in windows', () => {
  it('C37: runs only scripts that were not verified before under the same flags', async () => {
    const builder = chainedBranch(103);
    const verifiedScripts = new VerifiedScripts({ entryCountMax: 64, salt: new Uint8Array(32).fill(5) });
    const verifier = new ActingVerifier();
    const chain = await new ChainWorld({ windowLimits: SMALL }, { verifier, verifiedScripts }).open();
    for (let height = 1; height <= 101; height++) await chain.submitBlock(builder.at(height), NOW_SEC);
    assert.equal(verifier.asked.length, 1);
    const { wtxid } = builder.at(102).transaction(1);
    verifiedScripts.add(wtxid, SCRIPT_VERIFY.P2SH);
    await chain.submitBlock(builder.at(102), NOW_SEC);
    assert.equal(verifier.asked.length, 2);
    verifiedScripts.add(builder.at(103).transaction(1).wtxid, MANDATORY_SCRIPT_VERIFY_FLAGS);
    await chain.submitBlock(builder.at(103), NOW_SEC);
    assert.equal(verifier.asked.length, 2);
    assert.equal(describeTip(chain), describeBlock(builder.at(103), 103));
  });

  it('keeps the scripts of two windows running at once, and no more', async () => {
    const verifier = new ActingVerifier();
    const builder = chainedBranch(140);
    const chain = await new ChainWorld({ windowLimits: SMALL }, { verifier }).open();
    await storeAll(chain, builder);
    await chain.submitBlock(builder.at(1), NOW_SEC);
    assert.equal(describeTip(chain), describeBlock(builder.tip, 140));
    assert.ok(verifier.openCountMax > 4 && verifier.openCountMax <= 8, `${verifier.openCountMax} open`);
    await assertCoinsEqualReplay(chain);
  });

  for (const badHeight of [101, 103, 104, 107, 120, 139, 140]) {
    it(`commits exactly the blocks below a failed script at ${badHeight}`, async () => {
      const builder = chainedBranch(140);
      const badHash = formatHash(builder.at(badHeight).header.blockHash);
      const verifier = new ActingVerifier((name) => (name === badHash ? FAILURE : null));
      const chain = await new ChainWorld({ windowLimits: SMALL }, { verifier }).open();
      const refused: string[] = [];
      chain.signals.blockChecked.subscribe(({ block, reject }) => {
        if (reject !== null) refused.push(`${formatHash(block.header.blockHash)} ${reject.reason}`);
      });
      await storeAll(chain, builder);
      await chain.submitBlock(builder.at(1), NOW_SEC);
      assert.equal(chain.height, badHeight - 1);
      assert.deepEqual(refused, [
        `${badHash} block-script-verify-flag-failed (Script evaluated without error but finished with a false/empty top stack element)`,
      ]);
      for (let height = badHeight; height <= 140; height++) {
        assert.ok(chain.index.isFailed(chain.index.find(builder.at(height).header.blockHash)));
      }
      await assertCoinsEqualReplay(chain);
    });
  }

  it('finds the first of several invalid blocks, whichever verdict comes first', async () => {
    const builder = chainedBranch(130);
    const bad = new Set([112, 113, 125].map((height) => formatHash(builder.at(height).header.blockHash)));
    const verifier = new ActingVerifier((name) => (bad.has(name) ? FAILURE : null));
    const chain = await new ChainWorld({ windowLimits: SMALL }, { verifier }).open();
    await storeAll(chain, builder);
    await chain.submitBlock(builder.at(1), NOW_SEC);
    assert.equal(chain.height, 111);
    await assertCoinsEqualReplay(chain);
  });

  it('finds a failed script below a block that cannot be connected', async () => {
    const builder = chainedBranch(110);
    const badHash = formatHash(builder.at(109).header.blockHash);
    builder.mineMissing();
    const verifier = new ActingVerifier((name) => (name === badHash ? FAILURE : null));
    const chain = await new ChainWorld({ windowLimits: SMALL }, { verifier }).open();
    await storeAll(chain, builder);
    await chain.submitBlock(builder.at(1), NOW_SEC);
    assert.equal(chain.height, 108);
    await assertCoinsEqualReplay(chain);
  });

  it('flushes and empties the cache between windows without losing what they hold', async () => {
    const builder = chainedBranch(140);
    const chain = await new ChainWorld({ windowLimits: SMALL, coinsCacheBytes: 1 }).open();
    await storeAll(chain, builder);
    await chain.submitBlock(builder.at(1), NOW_SEC);
    assert.equal(chain.height, 140);
    await assertCoinsEqualReplay(chain);
  });

  for (const failHeight of [101, 110, 140]) {
    it(`never blames a block for a verifier that fails, at ${failHeight} (C36)`, async () => {
      const builder = chainedBranch(140);
      const failHash = formatHash(builder.at(failHeight).header.blockHash);
      let isBroken = true;
      const verifier = new ActingVerifier((name) =>
        isBroken && name === failHash ? new VerifierError('thread-failed', 'out of memory') : null,
      );
      const world = new ChainWorld({ windowLimits: SMALL }, { verifier });
      const chain = await world.open();
      await storeAll(chain, builder);
      await assert.rejects(chain.submitBlock(builder.at(1), NOW_SEC), VerifierError);
      assert.ok(chain.height < failHeight);
      for (const block of builder.blocks) assert.ok(!chain.index.isFailed(chain.index.find(block.header.blockHash)));
      await assert.rejects(chain.activate(NOW_SEC), ChainStoppedError);
      await chain.close(NOW_SEC);
      world.kill();
      isBroken = false;
      const again = await world.open();
      for (const block of builder.blocks) await again.submitBlock(block, NOW_SEC);
      assert.equal(again.height, 140);
      await assertCoinsEqualReplay(again);
    });
  }

  it('never blames a block for a disk that fails, wherever it does (C36, S06)', async () => {
    const builder = chainedBranch(120);
    for (let failAt = 5; failAt < 400; failAt += 13) {
      const world = new ChainWorld({ windowLimits: SMALL });
      const chain = await world.open();
      const firstOperation = world.disk.operationCount;
      world.disk.inject = ({ count }) =>
        count === firstOperation + failAt ? { kind: 'fail', code: 'failed', message: 'I/O error' } : null;
      let thrown: unknown = null;
      for (const block of builder.blocks) {
        try {
          await chain.submitBlock(block, NOW_SEC);
        } catch (error) {
          thrown ??= error;
        }
      }
      if (thrown === null) continue;
      assert.ok(thrown instanceof StorageError, String(thrown));
      for (let entry = 0; entry < chain.index.count; entry++) assert.ok(!chain.index.isFailed(entry));
      world.disk.inject = null;
      world.kill();
      const again = await world.open();
      for (const block of builder.blocks) await again.submitBlock(block, NOW_SEC);
      assert.equal(again.height, 120, `after a failure of operation ${failAt}`);
      await assertCoinsEqualReplay(again);
    }
  });

  it('never calls a block invalid that a disk has changed (S07)', async () => {
    const builder = chainedBranch(125);
    const world = new ChainWorld({ windowLimits: SMALL, fileBytesMax: 1 << 20 });
    const chain = await world.open();
    await storeAll(chain, builder);
    await chain.close(NOW_SEC);
    const { size } = world.disk.file('blocks', 'blk00000.dat');
    for (let at = 300; at < size; at += 997) {
      const disk = world.disk.kill();
      disk.inject = ({ kind, path, position, length }) => {
        const isHit = kind === 'read' && path.endsWith('blk00000.dat') && position <= at && at < position + length;
        return isHit
          ? { kind: 'alter', alter: (bytes) => bytes.fill(bytes[at - position]! ^ 1, at - position, at - position + 1) }
          : null;
      };
      const { indexStore, coinsStore } = copyStores(world);
      const damaged = new ChainWorld({ ...world.options }, { indexStore, coinsStore });
      damaged.disk = disk;
      const found = await damaged.open();
      try {
        await found.submitBlock(builder.at(1), NOW_SEC);
        assert.equal(found.height, 125, 'a byte that nobody reads');
      } catch (error) {
        assert.ok(error instanceof StorageError && error.code === 'corrupt', String(error));
        assert.match(error.message, /blk00000\.dat/);
      }
      for (let entry = 0; entry < found.index.count; entry++) assert.ok(!found.index.isFailed(entry));
    }
  });
});

describe('a stored block whose script fails', () => {
  it('is not called invalid when its witness was changed on the disk, and is when it was not (C36, S07)', async () => {
    const redeem = Uint8Array.of(0x51);
    const program = concatBytes(Uint8Array.of(0x00, 0x20), sha256(redeem));
    const builder = new BranchBuilder();
    builder.mineMany(100);
    const open = builder.spendCoinbase(1, 2, program);
    builder.mine({ transactions: [open] });
    const witnessed = spend(outputOf(open), { witness: [Uint8Array.of(7), redeem] });
    for (const witness of [[redeem], [Uint8Array.of(7), redeem]]) {
      const branch = builder.fork();
      const input = { ...witnessed, witness };
      const block = branch.mine({ transactions: [makeTx([input], [pay(1)])] });
      branch.mine();
      const world = new ChainWorld({ fileBytesMax: 1 << 20 });
      const chain = await world.open();
      await storeAll(chain, branch);
      await chain.close(NOW_SEC);
      const at = world.disk.file('blocks', 'blk00000.dat');
      const again = await world.open();
      const entry = again.index.find(block.header.blockHash);
      const { offset } = again.index.dataPosition(entry);
      const witnessAt = offset + block.totalSize - 5;
      const isValid = witness.length === 1;
      world.disk.inject = ({ kind, path, position, length }) =>
        isValid &&
        kind === 'read' &&
        path.endsWith('blk00000.dat') &&
        position <= witnessAt &&
        witnessAt < position + length
          ? { kind: 'alter', alter: (bytes) => bytes.set([bytes[witnessAt - position]! ^ 1], witnessAt - position) }
          : null;
      assert.ok(at.size > witnessAt);
      const result = again.submitBlock(branch.at(1), NOW_SEC);
      if (isValid) {
        await assert.rejects(result, (error) => error instanceof StorageError && error.code === 'corrupt');
        assert.ok(!again.index.isFailed(entry));
      } else {
        assert.equal((await result).outcome, 'connected');
        assert.ok(again.index.isFailed(entry));
        assert.equal(again.height, 101);
      }
    }
  });
});

/** The stores of a world that stays as it is: only what a chain writes on top of them is lost. */
function copyStores({ indexStore, coinsStore }: ChainWorld): Pick<ChainWorld, 'indexStore' | 'coinsStore'> {
  indexStore.crash({ keep: 0 });
  coinsStore.crash({ keep: 0 });
  return { indexStore, coinsStore };
}

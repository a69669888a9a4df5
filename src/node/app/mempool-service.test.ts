import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FEE_SAT } from '../../../test/model/accept-world.ts';
import { ServiceWorld } from '../../../test/model/service-world.ts';
import { InlineVerifier } from '../../kernel/chain/inline-verifier.ts';
import { MemoryFolder } from '../../kernel/chain/memory-folder.ts';
import { nobleSecp256k1 } from '../../kernel/crypto/secp256k1-noble.ts';
import { VerifiedScripts } from '../../kernel/script/verified-scripts.ts';
import { InputVerifier } from '../../kernel/script/verify.ts';
import { createRng } from '../../kernel/util/prng.ts';
import { IntakeClosedError } from './transaction-intake.ts';

test('M10: coins that evicted transactions spent leave the cache with them', async () => {
  // Room for some large transactions.
  const world = await ServiceWorld.open({ coinCount: 40, policy: { mempoolBytesMax: 1_000_000 } });
  const { base, mempool } = world;
  const { coins } = base.chain.state;
  const evicted: Uint8Array[] = [];
  mempool.signals.removed.subscribe(({ entry, reason }) => {
    assert.equal(reason, 'sizelimit');
    evicted.push(entry.transaction.bytes.slice(entry.transaction.prevoutStart(0)));
  });
  await world.chill();
  for (let i = 0; i < 30; i++) {
    const payment = base.payment([base.coin()], { outputCount: 1_000, feeSat: FEE_SAT * (10 + i) });
    await world.service.intake.submit(payment);
    assert.ok(mempool.usedBytes <= 1_000_000);
  }
  assert.ok(evicted.length >= 5, `${evicted.length} had to go`);
  for (const outpoint of evicted) assert.equal(coins.isKnown(outpoint, 0), false);
  for (const { transaction } of mempool.entries()) {
    assert.ok(coins.isKnown(transaction.bytes, transaction.prevoutStart(0)), 'those of the others stay');
  }
});

test('what the mempool has verified no block verifies again', async () => {
  const inner = new InputVerifier(nobleSecp256k1);
  let inputCount = 0;
  const verifier = new InlineVerifier({
    setTransaction: (transaction, spent) => inner.setTransaction(transaction, spent),
    verifyInput: (index, flags) => {
      inputCount++;
      return inner.verifyInput(index, flags);
    },
  });
  const verifiedScripts = new VerifiedScripts({ entryCountMax: 64, salt: createRng(2).bytes(32) });
  const world = await ServiceWorld.open({ coinCount: 2, ports: { verifier, verifiedScripts } });
  const { base } = world;
  const [known, other] = [base.payment([base.coin()]), base.payment([base.coin()])];
  await world.add(known);
  inputCount = 0;
  await base.mine([known, other]);
  assert.equal(inputCount, 1);
});

test('a service that is stopped takes nothing more and follows no more', async () => {
  const world = await ServiceWorld.open({ coinCount: 2 });
  const { base, service } = world;
  const payment = base.payment([base.coin()]);
  await world.add(payment);
  await service.stop();
  await assert.rejects(service.intake.submit(base.payment([base.coin()])), IntakeClosedError);
  await base.mine([payment]);
  assert.equal(world.mempool.size, 1);
  assert.deepEqual([world.failures, world.time.timerCount], [[], 0]);
});

test('a first run without files says so, and is loaded', async () => {
  const world = await ServiceWorld.open({ coinCount: 1, isPersistent: true, folder: new MemoryFolder('first') });
  assert.deepEqual([world.service.isLoaded, world.mempool.isLoaded], [true, true]);
  assert.deepEqual(world.lines, [
    'fee_estimates.dat is not found. Continue anyway.',
    'Failed to open mempool file. Continuing anyway.',
  ]);
});

import assert from 'node:assert/strict';
import test from 'node:test';
import { generateChain } from '../../../test/bench/chain-generator.ts';
import { loadSecp256k1 } from '../../platform/node/secp256k1.ts';
import type { ChainPorts } from '../chain/chain-open.ts';
import { Chainstate } from '../chain/chainstate.ts';
import { InlineVerifier } from '../chain/inline-verifier.ts';
import { COIN_PREFIX } from '../chain/layout.ts';
import { createMemoryPorts } from '../chain/memory-chain.ts';
import { MemoryKv } from '../chain/memory-kv.ts';
import { InputVerifier } from '../script/verify.ts';
import { equalBytes, toHex } from '../util/bytes.ts';
import { createRng } from '../util/prng.ts';
import type { AuditCoins, AuditFault } from './audit-report.ts';
import { LedgerAudit } from './ledger-audit.ts';
import { ChainPages } from './ledger-pages.ts';

const secp = loadSecp256k1().backend;
const generated = generateChain({ transactions: 150, seed: 3, transactionsPerBlock: 20, secp });
const NOW_SEC = generated.blocks.at(-1)!.header.timeSec;
const NO_PAUSES = { isDue: false, pause: () => Promise.resolve() };

/** The ledger of the generated chain, all of it on its disk. */
async function openLedger(): Promise<{ readonly chain: Chainstate; readonly ports: ChainPorts }> {
  const ports = createMemoryPorts(secp);
  const chain = await Chainstate.open({ params: generated.params }, ports);
  for (const block of generated.blocks) {
    assert.equal((await chain.submitBlock(block.serialized(), NOW_SEC)).outcome, 'connected');
  }
  await chain.flush(NOW_SEC);
  return { chain, ports };
}

/** Audits a ledger to its end or to the first fault. */
async function audit(
  chain: Chainstate,
  cacheBytes = 1 << 20,
): Promise<{ audit: LedgerAudit; fault: AuditFault | null; coins: AuditCoins | null }> {
  const verifier = new InputVerifier(secp);
  const opened = await LedgerAudit.open(generated.params, {
    coinsStore: new MemoryKv(),
    coinsCacheBytes: cacheBytes,
    verifier: new InlineVerifier(verifier),
    challengeVerifier: verifier,
    rng: createRng(1),
  });
  const pages = new ChainPages(chain);
  for (let height = 0; height <= pages.height; height++) {
    const fault = await opened.next(await pages.read(height), pages.blockHash(height), NOW_SEC);
    if (fault !== null) return { audit: opened, fault, coins: null };
  }
  const scripts = await opened.settle();
  if (scripts !== null) return { audit: opened, fault: scripts, coins: null };
  const coins = await opened.computeCoins(NO_PAUSES);
  const fault = opened.checkSum(coins) ?? (await opened.compareCoins(chain.state.coins, NO_PAUSES));
  return { audit: opened, fault, coins };
}

test('a whole ledger is found good, its sums are right and its coins are those of the node', async () => {
  const { chain } = await openLedger();
  for (const cacheBytes of [1 << 20, 1]) {
    const { audit: done, fault, coins } = await audit(chain, cacheBytes);
    assert.equal(fault, null);
    const { figures } = done;
    assert.equal(figures.height, generated.summary.height);
    assert.ok(equalBytes(figures.blockHash, chain.tipHash));
    // Fifty coins a page up to page 149; those of the first page are nobody's.
    assert.equal(figures.issuedSat, (generated.summary.height + 1) * 50 * 100_000_000);
    assert.equal(figures.scheduledSat, BigInt(figures.issuedSat));
    assert.equal(coins!.unspentSat + figures.burntSat, figures.issuedSat);
    assert.ok(figures.burntSat >= 50 * 100_000_000);
    assert.equal(figures.transactionCount, chain.index.chainTxCount(chain.active.tip));
    assert.equal(figures.scriptCount, figures.inputCount);
    assert.ok(figures.inputCount > 150);
    assert.equal(done.marks.length, 1);
  }
});

test('one changed byte of a page, wherever it is, is found, and the page and its file are named', async () => {
  const { chain, ports } = await openLedger();
  const rng = createRng(8);
  const kinds = new Map<string, number>();
  for (let round = 0; round < 60; round++) {
    const height = 1 + rng.below(chain.height);
    const entry = chain.active.at(height);
    const { offset } = chain.index.dataPosition(entry);
    const length = generated.blocks[height - 1]!.totalSize;
    // The eight bytes before a page are its mark and its length.
    const at = offset - 8 + rng.below(length + 8);
    const file = await ports.blockFolder.open('blk00000.dat', 'write');
    const [byte] = await file.read(at, 1);
    await file.write(at, Uint8Array.of(byte! ^ (1 << rng.below(8))));
    const { fault } = await audit(chain);
    assert.ok(fault !== null, `byte ${at} of page ${height} was changed, and nobody noticed`);
    assert.equal(fault.height, height, `${fault.message} at byte ${at - offset}`);
    assert.ok(fault.place.endsWith(`blk00000.dat at ${offset}`), fault.place);
    assert.ok(fault.message.length > 0);
    kinds.set(fault.kind, (kinds.get(fault.kind) ?? 0) + 1);
    await file.write(at, Uint8Array.of(byte!));
    await file.close();
  }
  assert.ok(kinds.has('invalid') && kinds.size > 1, [...kinds.keys()].join(' '));
  assert.equal((await audit(chain)).fault, null);
});

test('a coin of the node that was changed, lost or made up is found and named', async () => {
  const { chain, ports } = await openLedger();
  const first: [Uint8Array, Uint8Array][] = [];
  for await (const chunk of ports.coinsStore.entries(COIN_PREFIX)) {
    first.push(...chunk.slice(0, 3).map(([key, value]): [Uint8Array, Uint8Array] => [key.slice(), value.slice()]));
  }
  const [key, value] = first[1]!;
  const changed = value.slice();
  changed[changed.length - 1]! ^= 1;
  const foreign = key.slice();
  foreign[5]! ^= 0xff;
  const cases: readonly [puts: Uint8Array[], deletes: Uint8Array[], pattern: RegExp][] = [
    [[key, changed], [], /^by the pages it is .*, but the node keeps \d+ satoshis/],
    [[], [key], /but the node keeps nothing$/],
    [[foreign, value], [], /^by the pages it is spent or was never made, but the node keeps \d+ satoshis/],
  ];
  for (const [puts, deletes, pattern] of cases) {
    await ports.coinsStore.write({ puts, deletes }, true);
    const { fault } = await audit(chain);
    assert.equal(fault?.kind, 'other-coins');
    assert.match(fault.message, pattern);
    assert.match(fault.place, /^coin [0-9a-f]{64}:\d+ in chainstate$/);
    await ports.coinsStore.write({ puts: [key, value], deletes: puts[0] === foreign ? [foreign] : [] }, true);
    assert.equal((await audit(chain)).fault, null, toHex(key));
  }
});

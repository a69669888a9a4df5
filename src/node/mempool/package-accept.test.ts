import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AcceptWorld, describePackage, EASY, type TestCoin } from '../../../test/model/accept-world.ts';
import { pay } from '../../../test/model/block-builder.ts';
import { formatHash } from '../../kernel/primitives/hashes.ts';
import { buildTransaction, type Transaction, toTransactionData } from '../../kernel/primitives/transaction.ts';

function hex({ txid }: Transaction): string {
  return formatHash(txid);
}

function named(tx: Transaction): string {
  return `${hex(tx)} (wtxid=${formatHash(tx.wtxid)})`;
}

/** A parent without a fee and the child that pays for both. */
function poorParent(world: AcceptWorld, coin: TestCoin, childFeeSat: number, version = 2): [Transaction, Transaction] {
  const parent = world.payment([coin], { feeSat: 0, version });
  return [parent, world.payment([world.coinOf(parent)], { feeSat: childFeeSat, version })];
}

test('a child pays for its parent, and both are told the rate of the package', async () => {
  const world = await AcceptWorld.open({ coinCount: 1 });
  const [parent, child] = poorParent(world, world.coin(), 1_000);
  const { reject, results } = await world.acceptPackage([parent, child]);
  assert.equal(reject, null);
  const judged = { feerate: { feeSat: 1_000, size: 192 }, wtxids: [parent.wtxid, child.wtxid] };
  for (const [i, feeSat] of [0, 1_000].entries()) {
    const result = results[i]!;
    assert(result.outcome === 'accepted');
    assert.deepEqual({ feerate: result.feerate, wtxids: result.wtxids }, judged);
    assert.deepEqual([result.feeSat, result.vsize], [feeSat, 96]);
    assert(result.entry !== null && world.mempool.contains(result.entry));
  }
  world.mempool.sanityCheck();
});

test('a package that pays too little together names its child', async () => {
  const world = await AcceptWorld.open({ coinCount: 1 });
  const [parent, child] = poorParent(world, world.coin(), 19);
  const result = await world.acceptPackage([parent, child]);
  assert.deepEqual(describePackage(result), [
    'package-tx: transaction failed',
    'reconsiderable: min relay fee not met, 0 < 10',
    'reconsiderable: min relay fee not met, 19 < 20',
  ]);
  const last = result.results[1]!;
  assert(last.outcome === 'rejected');
  assert.deepEqual(last.judged, { feerate: { feeSat: 19, size: 192 }, wtxids: [parent.wtxid, child.wtxid] });
  assert.equal(world.mempool.size, 0);
});

test('M05: packages of a wrong shape are refused as a whole', async () => {
  const world = await AcceptWorld.open({ coinCount: 40 });
  const [parent, child] = poorParent(world, world.coin(), 1_000);
  const coin = world.coin();
  const many = Array.from({ length: 26 }, () => world.payment([world.coin()]));
  const [a, b] = [world.payment([coin], { feeSat: 500 }), world.payment([coin], { feeSat: 600 })];
  const heavy = [world.coin(), world.coin()].map((each) => world.payment([each], { outputCount: 1_190 }));
  const stranger = world.payment([world.coin()]);
  const policy = (reason: string, count: number): string[] => [
    `package-policy: ${reason}`,
    ...Array.from({ length: count }, () => 'not judged'),
  ];
  const cases: [readonly Transaction[], string[]][] = [
    [many, policy('package-too-many-transactions', 26)],
    [heavy, policy('package-too-large', 2)],
    [[child, parent], policy('package-not-sorted', 2)],
    [[parent, parent], policy('package-contains-duplicates', 2)],
    [[a, b], policy('conflict-in-package', 2)],
    [[stranger, parent, child], policy('package-not-child-with-parents', 3)],
  ];
  for (const [transactions, verdict] of cases) {
    assert.deepEqual(describePackage(await world.acceptPackage(transactions)), verdict);
  }
  assert.equal(world.mempool.size, 0);
});

test('M05: a child whose other parent is missing waits, and its parent enters if it can', async () => {
  const world = await AcceptWorld.open({ coinCount: 2 });
  const parent = world.payment([world.coin()]);
  const absent = world.payment([world.coin()]);
  const child = world.payment([world.coinOf(parent), world.coinOf(absent)]);
  const result = await world.acceptPackage([parent, child]);
  assert.deepEqual(describePackage(result), [
    'package-tx: transaction failed',
    'accepted',
    'missing-inputs: bad-txns-inputs-missingorspent',
  ]);
  const last = result.results[1]!;
  assert(last.outcome === 'rejected');
  assert.deepEqual(last.missingParents.map(formatHash), [hex(absent)]);
  assert.deepEqual(world.txids(), [hex(parent)]);
});

test('a parent that is good by itself does not take part in the fees', async () => {
  const world = await AcceptWorld.open({ coinCount: 1 });
  const parent = world.payment([world.coin()], { feeSat: 5_000 });
  const child = world.payment([world.coinOf(parent)], { feeSat: 0 });
  assert.deepEqual(describePackage(await world.acceptPackage([parent, child])), [
    'package-tx: transaction failed',
    'accepted',
    'reconsiderable: min relay fee not met, 0 < 10',
  ]);
});

test('what the mempool has already is no failure, and is not counted again', async () => {
  const world = await AcceptWorld.open({ coinCount: 2 });
  const parent = world.payment([world.coin()], { feeSat: 5_000 });
  await world.add(parent);
  const child = world.payment([world.coinOf(parent)]);
  const { reject, results } = await world.acceptPackage([parent, child]);
  assert.equal(reject, null);
  const [first, second] = results;
  assert(first?.outcome === 'already' && second?.outcome === 'accepted');
  assert.deepEqual([first.feeSat, first.vsize], [5_000, 96]);
  assert.deepEqual(second.wtxids, [child.wtxid]);
});

test('a parent that is there with another witness is used instead of the one in the package', async () => {
  const world = await AcceptWorld.open({ coinCount: 1 });
  const parent = world.payment([world.coin()]);
  await world.add(parent);
  const data = toTransactionData(parent);
  const witness = [Uint8Array.of(7), ...data.inputs[0]!.witness!];
  const twin = buildTransaction({ ...data, inputs: [{ ...data.inputs[0]!, witness }] });
  const child = world.payment([world.coinOf(parent)]);
  const { reject, results } = await world.acceptPackage([twin, child]);
  assert.equal(reject, null);
  assert.deepEqual(results[0], { outcome: 'different-witness', otherWtxid: parent.wtxid });
  assert(world.has(child));
});

test('a parent of the chain is missing, and the child that spends it is good', async () => {
  const world = await AcceptWorld.open({ coinCount: 1 });
  const parent = world.payment([world.coin()], { outputCount: 2 });
  await world.mine([parent]);
  const child = world.payment([world.coinOf(parent)]);
  assert.deepEqual(describePackage(await world.acceptPackage([parent, child])), [
    'package-tx: transaction failed',
    'conflict: txn-already-known',
    'accepted',
  ]);
});

test('a transaction that fails whatever the others do ends the judgement of all together', async () => {
  const world = await AcceptWorld.open({ coinCount: 3 });
  const poor = world.payment([world.coin()], { feeSat: 0 });
  const odd = world.payment([world.coin()], { version: 4 });
  const child = world.payment([world.coinOf(poor), world.coinOf(odd)]);
  assert.deepEqual(describePackage(await world.acceptPackage([poor, odd, child])), [
    'package-tx: transaction failed',
    'reconsiderable: min relay fee not met, 0 < 10',
    'not-standard: version',
    'missing-inputs: bad-txns-inputs-missingorspent',
  ]);
  assert.equal(world.mempool.size, 0);
});

test('a rate that the sender did not mean ends the package at the first that pays it', async () => {
  const world = await AcceptWorld.open({ coinCount: 3 });
  // 96,000 satoshis for 96 virtual bytes are 1,000,000 per 1,000
  const parent = world.payment([world.coin()], { feeSat: 96_000 });
  const child = world.payment([world.coinOf(parent)]);
  assert.deepEqual(describePackage(await world.acceptPackage([parent, child], { clientFeerateMax: 999_999 })), [
    'package-tx: transaction failed',
    'mempool-policy: max feerate exceeded',
    'missing-inputs: bad-txns-inputs-missingorspent',
  ]);
  assert.equal(world.mempool.size, 0);
  const [poor, payer] = poorParent(world, world.coin(), 96_000);
  assert.deepEqual(describePackage(await world.acceptPackage([poor, payer], { clientFeerateMax: 999_999 })), [
    'package-tx: transaction failed',
    'reconsiderable: min relay fee not met, 0 < 10',
    'mempool-policy: max feerate exceeded',
  ]);
  assert.equal((await world.acceptPackage([parent, child], { clientFeerateMax: 1_000_000 })).reject, null);
});

test('M04: TRUC in packages: a child of 1,001 virtual bytes, a grandchild, two children', async () => {
  const world = await AcceptWorld.open({ coinCount: 6 });
  const [parent, child] = poorParent(world, world.coin(), 1_000, 3);
  const heavy = world.payment([world.coinOf(parent)], { version: 3, outputCount: 23 });
  const vsize = Math.ceil(heavy.weightWu / 4);
  assert.deepEqual(describePackage(await world.acceptPackage([parent, heavy])).slice(0, 1), [
    `package-policy: TRUC-violation, version=3 child tx ${named(heavy)} is too big: ${vsize} > 1000 virtual bytes`,
  ]);
  const mixed = world.payment([world.coinOf(parent)]);
  assert.deepEqual(describePackage(await world.acceptPackage([parent, mixed])).slice(0, 1), [
    `package-policy: TRUC-violation, non-version=3 tx ${named(mixed)} cannot spend from version=3 tx ${named(parent)}`,
  ]);
  assert.equal((await world.acceptPackage([parent, child])).reject, null);
  const parents = [world.coin(), world.coin()].map((coin) => world.payment([coin], { feeSat: 0, version: 3 }));
  const both = world.payment(
    parents.map((tx) => world.coinOf(tx)),
    { version: 3 },
  );
  assert.deepEqual(describePackage(await world.acceptPackage([...parents, both])).slice(0, 1), [
    `package-policy: TRUC-violation, tx ${named(both)} would have too many ancestors`,
  ]);
});

test('ephemeral dust enters with a child that spends it, and not otherwise', async () => {
  const world = await AcceptWorld.open({ coinCount: 2 });
  const coin = world.coin();
  const outputs = [pay(coin.valueSat, EASY.scriptPubKey), pay(0, EASY.scriptPubKey)];
  const parent = world.payment([coin], { outputs });
  const careless = world.payment([world.coinOf(parent, 0)]);
  assert.deepEqual(describePackage(await world.acceptPackage([parent, careless])), [
    'package-tx: unspent-dust',
    'reconsiderable: min relay fee not met, 0 < 14',
    `mempool-policy: missing-ephemeral-spends, tx ${named(careless)} did not spend parent's ephemeral dust`,
  ]);
  const careful = world.payment([world.coinOf(parent, 0), world.coinOf(parent, 1)]);
  assert.deepEqual(describePackage(await world.acceptPackage([parent, careful])), ['accepted', 'accepted', 'accepted']);
});

/** A transaction in the mempool, and a package whose parent spends the same coin. */
async function rivals(world: AcceptWorld, originalFeeSat: number, parentFeeSat: number, childFeeSat: number) {
  const coin = world.coin();
  const original = world.payment([coin], { feeSat: originalFeeSat });
  await world.add(original);
  const parent = world.payment([coin], { feeSat: parentFeeSat });
  const child = world.payment([world.coinOf(parent)], { feeSat: childFeeSat });
  return { original, parent, child };
}

test('M03: a package of parent and child replaces what its parent alone could not', async () => {
  const world = await AcceptWorld.open({ coinCount: 1 });
  const { original, parent, child } = await rivals(world, 1_000, 500, 20_000);
  const { reject, results } = await world.acceptPackage([parent, child]);
  assert.equal(reject, null);
  const [first, second] = results;
  assert(first?.outcome === 'accepted' && second?.outcome === 'accepted');
  assert.deepEqual(
    first.replaced.map(({ transaction }) => hex(transaction)),
    [hex(original)],
  );
  assert.deepEqual(second.replaced, []);
  assert.deepEqual(world.txids(), [parent, child].map(hex).sort());
  world.mempool.sanityCheck();
});

test('M03: what a package that replaces must pay', async () => {
  const world = await AcceptWorld.open({ coinCount: 6 });
  const cheap = await rivals(world, 10_000, 0, 9_999);
  assert.equal(
    describePackage(await world.acceptPackage([cheap.parent, cheap.child]))[0],
    `package-policy: package RBF failed: insufficient anti-DoS fees, rejecting replacement ${hex(cheap.child)}, less fees than conflicting txs; 0.00009999 < 0.0001`,
  );
  // the parent pays as much per byte as both together: the child only pays for the relay
  const lazy = await rivals(world, 500, 499, 499);
  assert.equal(
    describePackage(await world.acceptPackage([lazy.parent, lazy.child]))[0],
    'package-policy: package RBF failed: package feerate is less than or equal to parent feerate, package feerate 0.00005197 BTC/kvB <= parent feerate is 0.00005197 BTC/kvB',
  );
  // more in all, but over twice the size: worse in the first bytes
  const worse = await rivals(world, 10_000, 0, 10_100);
  assert.equal(
    describePackage(await world.acceptPackage([worse.parent, worse.child]))[0],
    'package-policy: package RBF failed: insufficient feerate: does not improve feerate diagram',
  );
  for (const { original } of [cheap, lazy, worse]) assert(world.has(original));
  assert.equal(world.mempool.size, 3);
});

test('M03: only one parent and one child without ancestors in the mempool replace as a package', async () => {
  const world = await AcceptWorld.open({ coinCount: 4 });
  const { parent } = await rivals(world, 1_000, 0, 0);
  const other = world.payment([world.coin()], { feeSat: 0 });
  const child = world.payment([world.coinOf(parent), world.coinOf(other)], { feeSat: 50_000 });
  assert.equal(
    describePackage(await world.acceptPackage([parent, other, child]))[0],
    'package-policy: package RBF failed: package must be 1-parent-1-child',
  );
  const above = world.payment([world.coin()]);
  await world.add(above);
  const nephew = world.payment([world.coinOf(parent), world.coinOf(above)], { feeSat: 50_000 });
  assert.equal(
    describePackage(await world.acceptPackage([parent, nephew]))[0],
    'package-policy: package RBF failed: new transaction cannot have mempool ancestors',
  );
});

test('several transactions are tried together without a package rate, and without replacing', async () => {
  const world = await AcceptWorld.open({ coinCount: 3 });
  const a = world.payment([world.coin()], { outputCount: 2 });
  const b = world.payment([world.coinOf(a, 0)]);
  const c = world.payment([world.coinOf(a, 1), world.coinOf(b)]);
  const tested = await world.testPackage([a, b, c]);
  assert.deepEqual(describePackage(tested), ['accepted', 'accepted', 'accepted', 'accepted']);
  const last = tested.results[2]!;
  assert(last.outcome === 'accepted' && last.entry === null);
  assert.deepEqual(last.wtxids, [c.wtxid]);
  const [poor, payer] = poorParent(world, world.coin(), 1_000);
  assert.deepEqual(describePackage(await world.testPackage([poor, payer])), [
    'package-tx: transaction failed',
    'reconsiderable: min relay fee not met, 0 < 10',
    'not judged',
  ]);
  await world.add(a);
  const rival = world.payment([{ ...world.coinOf(a, 0), prevout: a.prevout(0), valueSat: 100_000 }], {
    feeSat: 50_000,
  });
  assert.deepEqual(describePackage(await world.testPackage([rival])), [
    'package-tx: transaction failed',
    'mempool-policy: bip125-replacement-disallowed',
  ]);
  assert.deepEqual(describePackage(await world.testPackage([a, b])), [
    'package-tx: transaction failed',
    'conflict: txn-already-in-mempool',
    'not judged',
  ]);
  assert.deepEqual(world.txids(), [hex(a)]);
});

test('a package whose scripts fail adds nothing', async () => {
  const world = await AcceptWorld.open({ coinCount: 1, kinds: ['p2wpkh'] });
  const parent = world.payment([world.coin()], { feeSat: 0 });
  const key = world.kindCoins[0]!;
  const child = world.payment([world.coinOf(parent), { ...key, valueSat: key.valueSat + 1 }], { feeSat: 9_000 });
  const described = describePackage(await world.acceptPackage([parent, child]));
  assert.equal(described[0], 'package-tx: transaction failed');
  assert.match(described[2]!, /^not-standard: mempool-script-verify-flag-failed \(/);
  assert.equal(world.mempool.size, 0);
  world.mempool.sanityCheck();
});

test('transactions that are tried together keep their good verdicts up to the one whose scripts fail', async () => {
  const world = await AcceptWorld.open({ coinCount: 2, kinds: ['p2wpkh'] });
  const key = world.kindCoins[0]!;
  const good = world.payment([world.coin()], { feeSat: 1_000 });
  const broken = world.payment([{ ...key, valueSat: key.valueSat + 1 }], { feeSat: 9_000 });
  const unreached = world.payment([world.coin()]);
  const tested = await world.testPackage([good, broken, unreached]);
  const described = describePackage(tested);
  assert.deepEqual(
    [described[0], described[1], described[3]],
    ['package-tx: transaction failed', 'accepted', 'not judged'],
  );
  assert.match(described[2]!, /^not-standard: mempool-script-verify-flag-failed \(/);
  const first = tested.results[0]!;
  assert(first.outcome === 'accepted' && first.entry === null);
  assert.deepEqual([first.feeSat, first.vsize, first.wtxids], [1_000, 96, [good.wtxid]]);
  assert.equal(world.mempool.size, 0);
});

test('a full mempool lets go what pays least, tells the sender, and asks more of the next', async () => {
  const world = await AcceptWorld.open({ coinCount: 60, policy: { mempoolBytesMax: 20_000 } });
  let feeSat = 1_000;
  const added: Transaction[] = [];
  for (let verdict = 'accepted'; verdict === 'accepted' && feeSat > 900; feeSat--) {
    const transaction = world.payment([world.coin()], { feeSat });
    verdict = await world.verdict(transaction);
    if (verdict === 'accepted') added.push(transaction);
    else assert.equal(verdict, 'reconsiderable: mempool full');
  }
  assert(added.length > 5 && added.length < 55);
  for (const transaction of added) assert(world.has(transaction));
  assert(world.mempool.usedBytes <= 20_000);
  // what left paid feeSat + 1 for 96 virtual bytes; the next must pay that and 100 per 1,000 more
  const asked = Math.ceil(((Math.floor(((feeSat + 1) * 1_000) / 96) + 100) * 96) / 1_000);
  const poor = world.payment([world.coin()], { feeSat: asked - 1 });
  assert.equal(await world.verdict(poor), `reconsiderable: mempool min fee not met, ${asked - 1} < ${asked}`);
  assert.equal(await world.verdict(world.payment([world.coin()], { feeSat: 5_000 })), 'accepted');
  // together they are asked for the same rate
  const [parent, child] = poorParent(world, world.coin(), 2 * asked - 2);
  assert.match(
    describePackage(await world.acceptPackage([parent, child]))[2]!,
    /^reconsiderable: mempool min fee not met/,
  );
  world.mempool.sanityCheck();
});

test('a package that enters and has to leave again at once is told so', async () => {
  const world = await AcceptWorld.open({ coinCount: 60, policy: { mempoolBytesMax: 20_000 } });
  for (let i = 0; i < 50 && world.mempool.usedBytes < 18_000; i++)
    await world.add(world.payment([world.coin()], { feeSat: 9_000 }));
  const coins = [world.coin(), world.coin(), world.coin(), world.coin()];
  const parents = coins.map((coin) => world.payment([coin], { feeSat: 10 }));
  const child = world.payment(
    parents.map((tx) => world.coinOf(tx)),
    { feeSat: 20 + 41 * 4 },
  );
  const described = describePackage(await world.acceptPackage([...parents, child]));
  assert.equal(described[0], 'package-tx: transaction failed');
  assert(described.includes('mempool-policy: mempool full'), described.join('\n'));
  for (const [i, tx] of [...parents, child].entries()) assert.equal(world.has(tx), described[i + 1] === 'accepted');
  world.mempool.sanityCheck();
});

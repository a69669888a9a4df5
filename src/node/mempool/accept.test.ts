import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import { AcceptWorld, describeResult, EASY, type TestAddress } from '../../../test/model/accept-world.ts';
import { makeCoinbase, makeTx, outputOf, pay, spend } from '../../../test/model/block-builder.ts';
import { hash160 } from '../../kernel/crypto/hash160.ts';
import { sha256 } from '../../kernel/crypto/sha256.ts';
import { asTxid, formatHash } from '../../kernel/primitives/hashes.ts';
import { buildTransaction, type Transaction, toTransactionData } from '../../kernel/primitives/transaction.ts';
import { OP } from '../../kernel/script/opcodes.ts';
import { encodePush } from '../../kernel/script/script.ts';
import { createMultisig, createP2sh, createWitnessProgram } from '../../kernel/script/script-builder.ts';
import { concatBytes, EMPTY_BYTES, fromHex } from '../../kernel/util/bytes.ts';

/** The key of the secret 1. */
const PUBLIC_KEY = fromHex('0279be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798');

/** 801 times OP_CHECKMULTISIG: 16,020 signature operations of a witness. */
const SIGOPS_SCRIPT = new Uint8Array(801).fill(OP.OP_CHECKMULTISIG);

/** 15 times OP_CHECKSIG in a script hash: as many signature operations as one may have. */
const P2SH_SIGOPS_SCRIPT = new Uint8Array(15).fill(OP.OP_CHECKSIG);

/** OP_DROP OP_TRUE: takes one item. */
const DROP_SCRIPT = Uint8Array.of(OP.OP_DROP, OP.OP_1);

function witnessAddress(script: Uint8Array, ...items: Uint8Array[]): TestAddress {
  return {
    scriptPubKey: createWitnessProgram(0, sha256(script)),
    unlock: () => ({ scriptSig: EMPTY_BYTES, witness: [...items, script] }),
  };
}

const SIGOPS = witnessAddress(SIGOPS_SCRIPT);
const LONG_ITEM = witnessAddress(DROP_SCRIPT, new Uint8Array(81));
const FALSE = witnessAddress(Uint8Array.of(OP.OP_0));
const P2SH_SIGOPS: TestAddress = {
  scriptPubKey: createP2sh(hash160(P2SH_SIGOPS_SCRIPT)),
  unlock: () => ({ scriptSig: encodePush(P2SH_SIGOPS_SCRIPT) }),
};

const EXTRAS: readonly TestAddress[] = [SIGOPS, LONG_ITEM, FALSE, ...Array.from({ length: 167 }, () => P2SH_SIGOPS)];

let world: AcceptWorld;

before(async () => {
  world = await AcceptWorld.open({
    policy: { permitsBareMultisig: false, datacarrierBytesMax: 40 },
    kinds: ['p2wpkh', 'p2tr-key', 'p2pkh', 'p2sh-p2wpkh'],
    extraOutputs: EXTRAS.map(({ scriptPubKey }) => pay(1_000_000, scriptPubKey)),
  });
});

/** The extra coin with this number, owned by its address. */
function extra(index: number) {
  return { ...world.extraCoins[index]!, address: EXTRAS[index]! };
}

async function refused(transaction: Transaction, verdict: string): Promise<void> {
  const size = world.mempool.size;
  assert.equal(await world.verdict(transaction), verdict);
  assert.equal(world.mempool.size, size);
}

test('a transaction that breaks the rules of the ledger by itself is refused with their reasons', async () => {
  const coin = world.coin();
  const input = spend(coin.prevout);
  const output = pay(1_000, EASY.scriptPubKey);
  const cases: [Transaction, string][] = [
    [makeTx([], [output]), 'consensus: bad-txns-vin-empty'],
    [makeTx([input], []), 'consensus: bad-txns-vout-empty'],
    [makeTx([{ ...input, scriptSig: new Uint8Array(1_000_000) }], [output]), 'consensus: bad-txns-oversize'],
    [makeTx([input], [pay(-1)]), 'consensus: bad-txns-vout-negative'],
    [makeTx([input], [pay(2_100_000_000_000_001)]), 'consensus: bad-txns-vout-toolarge'],
    [makeTx([input], [pay(2_100_000_000_000_000), pay(1)]), 'consensus: bad-txns-txouttotal-toolarge'],
    [makeTx([input, input], [output]), 'consensus: bad-txns-inputs-duplicate'],
    [
      makeTx([input, spend({ txid: asTxid(new Uint8Array(32)), index: 0xffffffff })], [output]),
      'consensus: bad-txns-prevout-null',
    ],
    [makeCoinbase({ height: 103, outputs: [output], scriptSig: Uint8Array.of(1) }), 'consensus: bad-cb-length'],
    [makeCoinbase({ height: 103, outputs: [output] }), 'consensus: coinbase'],
  ];
  for (const [transaction, verdict] of cases) await refused(transaction, verdict);
  world.coins.push(coin);
});

test('M06: a transaction of an unusual form is refused before any coin is looked at', async () => {
  const coin = world.coin();
  const input = spend(coin.prevout);
  const output = pay(1_000, EASY.scriptPubKey);
  const multisig = createMultisig(1, [PUBLIC_KEY, PUBLIC_KEY]);
  const cases: [Transaction, string][] = [
    [makeTx([input], [output], { version: 0 }), 'not-standard: version'],
    [makeTx([input], [output], { version: 4 }), 'not-standard: version'],
    [makeTx([{ ...input, witness: [new Uint8Array(400_000)] }], [output]), 'not-standard: tx-size'],
    [makeTx([{ ...input, scriptSig: new Uint8Array(1_651) }], [output]), 'not-standard: scriptsig-size'],
    [makeTx([{ ...input, scriptSig: Uint8Array.of(OP.OP_HASH160) }], [output]), 'not-standard: scriptsig-not-pushonly'],
    [makeTx([input], [pay(1_000, Uint8Array.of(OP.OP_0))]), 'not-standard: scriptpubkey'],
    [
      makeTx([input], [pay(0, concatBytes(Uint8Array.of(OP.OP_RETURN), encodePush(new Uint8Array(40))))]),
      'not-standard: datacarrier',
    ],
    [makeTx([input], [pay(1_000, multisig)]), 'not-standard: bare-multisig'],
    [makeTx([input], [pay(329, EASY.scriptPubKey), pay(329, EASY.scriptPubKey)]), 'not-standard: dust'],
    [makeTx([input], [pay(0, Uint8Array.of(OP.OP_RETURN, OP.OP_0, OP.OP_0, OP.OP_0))]), 'not-standard: tx-size-small'],
  ];
  const fetchCount = world.fetchCount;
  for (const [transaction, verdict] of cases) await refused(transaction, verdict);
  assert.equal(world.fetchCount, fetchCount);
  world.coins.push(coin);
});

test('what the next block may not contain yet is refused', async () => {
  const coin = world.coin();
  // the next block has height 103; a locktime is over when it is below that
  await refused(world.payment([coin], { locktime: 103 }), 'premature-spend: non-final');
  const timeSec = world.branch.tip.header.timeSec;
  await refused(world.payment([coin], { locktime: timeSec }), 'premature-spend: non-final');
  assert.equal(
    await world.verdict(world.payment([coin], { locktime: 103, sequence: 0xffffffff }), { isTest: true }),
    'accepted',
  );
  assert.equal(await world.verdict(world.payment([coin], { locktime: 102 }), { isTest: true }), 'accepted');
  // the coin was made by block 102
  assert.equal(await world.verdict(world.payment([coin], { sequence: 1 }), { isTest: true }), 'accepted');
  await refused(world.payment([coin], { sequence: 2 }), 'premature-spend: non-BIP68-final');
  await refused(world.payment([coin], { sequence: 0x400001 }), 'premature-spend: non-BIP68-final');
  assert.equal(await world.verdict(world.payment([coin], { sequence: 2, version: 1 }), { isTest: true }), 'accepted');
  world.coins.push(coin);
});

test('a relative lock on a coin of the mempool is over only when it is zero', async () => {
  const parent = world.payment([world.coin()]);
  await world.add(parent);
  const coin = world.coinOf(parent);
  assert.equal(await world.verdict(world.payment([coin], { sequence: 0 }), { isTest: true }), 'accepted');
  await refused(world.payment([coin], { sequence: 1 }), 'premature-spend: non-BIP68-final');
  await refused(world.payment([coin], { sequence: 0x400001 }), 'premature-spend: non-BIP68-final');
});

test('a transaction enters once, and not again with another witness', async () => {
  const coin = { ...world.coin(), address: EASY };
  const transaction = world.payment([coin]);
  await world.add(transaction);
  await refused(transaction, 'conflict: txn-already-in-mempool');
  const data = toTransactionData(transaction);
  const other = buildTransaction({
    ...data,
    inputs: [{ ...data.inputs[0]!, witness: [Uint8Array.of(2), Uint8Array.of(0x51)] }],
  });
  await refused(other, 'conflict: txn-same-nonwitness-data-in-mempool');
});

test('a transaction of the chain is known as long as an output is unspent and in the cache', async () => {
  const transaction = world.payment([world.coin()], { outputCount: 2 });
  await world.mine([transaction]);
  await refused(transaction, 'conflict: txn-already-known');
  await world.mine([world.payment([world.coinOf(transaction, 0), world.coinOf(transaction, 1)])]);
  await refused(transaction, 'missing-inputs: bad-txns-inputs-missingorspent');
});

test('a transaction without its coins names the parents that are missing, each once', async () => {
  const parent = world.payment([world.coin()], { outputCount: 2 });
  const stranger = world.payment([world.coin()]);
  const known = world.payment([world.coin()]);
  await world.add(known);
  const coins = [
    world.coinOf(known),
    world.coinOf(parent, 0),
    world.coin(),
    world.coinOf(stranger),
    world.coinOf(parent, 1),
  ];
  const result = await world.accept(world.payment(coins));
  assert.equal(describeResult(result), 'missing-inputs: bad-txns-inputs-missingorspent');
  assert(result.outcome === 'rejected');
  assert.deepEqual(
    result.missingParents.map(formatHash),
    [parent, stranger].map(({ txid }) => formatHash(txid)),
  );
  assert.equal(result.reject.inputIndex, 1);
});

test('an output that a transaction of the mempool does not have is missing', async () => {
  const parent = world.payment([world.coin()]);
  await world.add(parent);
  const coin = { ...world.coinOf(parent), prevout: { txid: parent.txid, index: 1 } };
  await refused(world.payment([coin]), 'missing-inputs: bad-txns-inputs-missingorspent');
});

test('an immature coinbase and an overdraft are refused', async () => {
  // coinbases of the builder are bare: block 4 matures for block 104, and is then of an unusual form
  const height = world.chain.height - 98;
  const coinbase = world.branch.at(height).transaction(0);
  const immature = makeTx([spend(outputOf(coinbase))], [pay(1_000, EASY.scriptPubKey)]);
  await refused(immature, 'premature-spend: bad-txns-premature-spend-of-coinbase, tried to spend coinbase at depth 99');
  const coin = world.coin();
  await refused(
    world.payment([coin], { feeSat: -1 }),
    'consensus: bad-txns-in-belowout, value in (0.25) < value out (0.25000001)',
  );
  world.coins.push(coin);
});

test('coins and witnesses of an unusual form are refused before any script runs', async () => {
  const bare = world.branch.at(3).transaction(0);
  await refused(
    makeTx([spend(outputOf(bare))], [pay(1_000, EASY.scriptPubKey)]),
    'inputs-not-standard: bad-txns-nonstandard-inputs, input 0 script unknown',
  );
  await refused(world.payment([extra(1)]), 'witness-mutated: bad-witness-nonstandard');
});

test('D09: too many signature operations are refused before any script runs', async () => {
  const before = world.verifiedInputCount;
  await refused(world.payment([extra(0)]), 'not-standard: bad-txns-too-many-sigops, 16020');
  const legacy = world.payment(Array.from({ length: 167 }, (_, i) => extra(3 + i)));
  await refused(legacy, 'inputs-not-standard: bad-txns-nonstandard-inputs, non-witness sigops exceed bip54 limit');
  assert.equal(world.verifiedInputCount, before);
});

test('a fee below the relay minimum may pass later with a child, and says which rate it had', async () => {
  // 1 input, 1 output: 11 + 41 + 43 bytes, 3 weight units more for the witness: 1 + 1 + 1
  const transaction = world.payment([world.coin()], { feeSat: 9 });
  const vsize = Math.ceil(transaction.weightWu / 4);
  assert.equal(vsize, 96);
  const result = await world.accept(transaction);
  assert.equal(describeResult(result), 'reconsiderable: min relay fee not met, 9 < 10');
  assert(result.outcome === 'rejected' && result.judged !== null);
  assert.deepEqual(result.judged.feerate, { feeSat: 9, size: 96 });
  assert.deepEqual(result.judged.wtxids, [transaction.wtxid]);
});

test('a fee that the operator raised counts as raised', async () => {
  const transaction = world.payment([world.coin()], { feeSat: 0 });
  assert.equal(await world.verdict(transaction), 'reconsiderable: min relay fee not met, 0 < 10');
  world.mempool.prioritise(transaction.txid, 10);
  const result = await world.accept(transaction);
  assert(result.outcome === 'accepted');
  assert.deepEqual([result.feeSat, result.feerate], [0, { feeSat: 10, size: 96 }]);
});

test('dust is for transactions without a fee', async () => {
  const coin = world.coin();
  const outputs = [pay(coin.valueSat - 1_000, EASY.scriptPubKey), pay(100, EASY.scriptPubKey)];
  await refused(world.payment([coin], { outputs }), 'not-standard: dust, tx with dust output must be 0-fee');
});

test('failed scripts are refused in the words of the interpreter', async () => {
  const failing = extra(2);
  const transaction = world.payment([failing]);
  const { txid, wtxid } = transaction;
  const spending = `${formatHash(failing.prevout.txid)}:${failing.prevout.index}`;
  await refused(
    transaction,
    'not-standard: mempool-script-verify-flag-failed (Script evaluated without error but finished with a false/empty top stack element), ' +
      `input 0 of ${formatHash(txid)} (wtxid ${formatHash(wtxid)}), spending ${spending}`,
  );
});

test('a forged signature is refused, whatever the kind of the coin', async () => {
  for (const coin of world.kindCoins) {
    const good = world.payment([coin]);
    const data = toTransactionData(good);
    const forged = buildTransaction({ ...data, outputs: [pay(data.outputs[0]!.valueSat - 1, EASY.scriptPubKey)] });
    assert.match(await world.verdict(forged), /^not-standard: mempool-script-verify-flag-failed \(/);
    assert.equal(await world.verdict(good, { isTest: true }), 'accepted');
  }
});

test('a transaction whose witness was taken away is told from one that is invalid', async () => {
  const stripped = (transaction: Transaction): Transaction => {
    const data = toTransactionData(transaction);
    return buildTransaction({ ...data, inputs: data.inputs.map(({ witness: _, ...input }) => input) });
  };
  const [p2wpkh, p2tr, p2pkh, nested] = world.kindCoins;
  for (const coin of [p2wpkh!, p2tr!, nested!, world.coin()]) {
    assert.match(
      await world.verdict(stripped(world.payment([coin]))),
      /^witness-stripped: mempool-script-verify-flag-failed \(/,
    );
  }
  const data = toTransactionData(world.payment([p2pkh!]));
  const broken = buildTransaction({ ...data, locktime: 1 });
  assert.match(await world.verdict(broken), /^not-standard: mempool-script-verify-flag-failed \(/);
});

test('a chain of 64 fits a cluster, the 65th does not', async () => {
  let coin = world.coin();
  for (let i = 0; i < 64; i++) {
    const transaction = world.payment([coin]);
    await world.add(transaction);
    coin = world.coinOf(transaction);
  }
  await refused(world.payment([coin]), 'mempool-policy: too-large-cluster');
});

test('a good transaction has its numbers right, and a test of it changes nothing', async () => {
  const transaction = world.payment([world.kindCoins[0]!], { feeSat: 1_234, outputCount: 2 });
  const before = world.txids();
  const tested = await world.accept(transaction, { isTest: true });
  assert.deepEqual(world.txids(), before);
  assert(tested.outcome === 'accepted', describeResult(tested));
  assert.equal(tested.entry, null);
  const arrivedSec = world.nowSec - 77;
  const result = await world.accept(transaction, { arrivedSec });
  assert(result.outcome === 'accepted' && result.entry !== null);
  const { entry } = result;
  const vsize = Math.ceil(transaction.weightWu / 4);
  assert.deepEqual(
    [result.vsize, result.feeSat, result.feerate.feeSat, result.feerate.size],
    [vsize, 1_234, 1_234, vsize],
  );
  assert.deepEqual(result.wtxids, [transaction.wtxid]);
  assert.deepEqual(result.replaced, []);
  assert.deepEqual([tested.vsize, tested.feeSat, tested.feerate], [vsize, 1_234, result.feerate]);
  assert.deepEqual([entry.timeSec, entry.entryHeight, entry.spendsCoinbase], [arrivedSec, world.chain.height, false]);
  assert.equal(entry.sigopsCost, 1);
  world.mempool.sanityCheck(world.chain.state.coins, world.chain.height + 1);
});

test('a mature coinbase can be spent, and the entry remembers that it may become immature', async () => {
  const own = await AcceptWorld.open({ coinCount: 1 });
  const paid = own.branch.mine({ rewardSat: 0, coinbaseOutputs: [pay(50_00000000, EASY.scriptPubKey)] });
  await own.chain.submitBlock(paid, own.nowSec);
  await own.mineEmpty(98);
  const spends = own.payment([own.coinOf(paid.transaction(0), 2)]);
  assert.match(await own.verdict(spends), /^premature-spend: bad-txns-premature-spend-of-coinbase, .* depth 99$/);
  await own.mineEmpty(1);
  assert.equal((await own.add(spends)).spendsCoinbase, true);
});

test('rules of relay that are switched off let odd transactions in, but none that a block could not contain', async () => {
  const own = await AcceptWorld.open({ coinCount: 2, policy: { requiresStandard: false } });
  const bare = own.branch.at(3).transaction(0);
  const outputs = [1_000, 2_000].map((valueSat) => pay(valueSat, Uint8Array.of(OP.OP_1)));
  const odd = makeTx([spend(outputOf(bare))], outputs, { version: 9 });
  assert.equal(await own.verdict(odd), 'accepted');
  const small = makeTx([spend(outputOf(odd))], [pay(0, Uint8Array.of(OP.OP_1))]);
  assert.equal(await own.verdict(small), 'not-standard: tx-size-small');
  own.mempool.sanityCheck();
});

test('whoever wants to know is told which scripts were verified under the rules of the next block', async () => {
  const told: string[] = [];
  const own = await AcceptWorld.open({ coinCount: 2, onVerified: ({ txid }) => told.push(formatHash(txid)) });
  const good = own.payment([own.coin()]);
  await own.add(good);
  assert.deepEqual(told, [formatHash(good.txid)]);
});

test('additions are told after the pool was limited, with how they came about', async () => {
  const own = await AcceptWorld.open({ coinCount: 3 });
  const told: unknown[] = [];
  own.mempool.signals.added.subscribe(({ entry: _, ...rest }) => told.push(rest));
  const parent = own.payment([own.coin()]);
  await own.add(parent);
  await own.add(own.payment([own.coinOf(parent)]));
  const usual = { bypassedLimits: false, isInPackage: false, isChainCurrent: false };
  assert.deepEqual(told, [
    { ...usual, sequence: 1, hasMempoolParents: false },
    { ...usual, sequence: 2, hasMempoolParents: true },
  ]);
});

test('an addition says something about fees only while the chain is up to date', async () => {
  const own = await AcceptWorld.open({ coinCount: 3 });
  const told: boolean[] = [];
  own.mempool.signals.added.subscribe(({ isChainCurrent }) => told.push(isChainCurrent));
  const tipSec = own.branch.tip.header.timeSec;
  own.nowSec = tipSec + 2;
  await own.mine();
  await own.add(own.payment([own.coin()]));
  own.nowSec = tipSec + 1 + 3 * 3_600;
  await own.add(own.payment([own.coin()]));
  own.nowSec++;
  await own.add(own.payment([own.coin()]));
  assert.deepEqual(told, [true, true, false]);
});

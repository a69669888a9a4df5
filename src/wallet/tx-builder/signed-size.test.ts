import assert from 'node:assert/strict';
import { test } from 'node:test';
import { nextOutpoint } from '../../../test/model/coin-pool.ts';
import { measureByTemplate, PAYEES } from '../../../test/model/spend-world.ts';
import { SEQUENCE_FINAL } from '../../kernel/primitives/locktime.ts';
import { buildTransaction } from '../../kernel/primitives/transaction.ts';
import { fromHex } from '../../kernel/util/bytes.ts';
import { computeResignedWeight, computeSignedSize } from './signed-size.ts';

/** Weight of a signed input when its signatures are made anew. */
function resigned(scriptSigHex: string, witnessHex: readonly string[]): number {
  const input = {
    prevout: nextOutpoint(),
    scriptSig: fromHex(scriptSigHex),
    sequence: SEQUENCE_FINAL,
    witness: witnessHex.map(fromHex),
  };
  const outputs = [{ valueSat: 0, scriptPubKey: PAYEES.p2wpkh }];
  return computeResignedWeight(buildTransaction({ version: 2, inputs: [input], outputs, locktime: 0 }), 0);
}

test('inputs of strangers are taken at the weight of their longest signatures', () => {
  // short signatures of 69 bytes: a public key hash, one in a script hash, bare, and a hash time lock
  assert.equal(
    resigned(
      '453042021f03c8957c5ce12940ee6e3333ecc3f633d9a1ac53a55b3ce0351c617fa96abe021f0dccdcce3ef45a63998be9ec748b561baf077b8e862941d0cd5ec08f5afe68012102fccfeb395f0ecd3a77e7bc31c3bc61dc987418b18e395d441057b42ca043f22c',
      [],
    ),
    593,
  );
  assert.equal(
    resigned('160014001dca1b22c599b5a56a87c78417ad2ff39552f1', [
      '3042021f5443c58eaf45f3e5ef46f8516f966b334a7d497cedda4edb2b9fad57c90c3b021f63a77cb56cde848e2e2dd20b487eec2f53101f634193786083f60b4d23a82301',
      '026cfe86116f161057deb240201d6b82ebd4f161e0200d63dc9aca65a1d6b38bb7',
    ]),
    364,
  );
  assert.equal(
    resigned('', [
      '3042021f0f8906f0394979d5b737134773e5b88bf036c7d63542301d600ab677ba5a59021f0e9fe07e62c113045fa1c1532e2914720e8854d189c4f5b8c88f57956b704401',
      '0359edba11ed1a0568094a6296a16c4d5ee4c8cfe2f5e2e6826871b5ecf8188f79',
    ]),
    272,
  );
  assert.equal(
    resigned('', [
      '3042021f5c4c29e6b686aae5b6d0751e90208592ea96d26bc81d78b0d3871a94a21fa8021f74dc2f971e438ccece8699c8fd15704c41df219ab37b63264f2147d15c34d801',
      '01',
      '6321024cf55e52ec8af7866617dc4e7ff8433758e98799906d80e066c6f32033f685f967029000b275210214827893e2dcbe4ad6c20bd743288edad21100404eb7f52ccd6062fd0e7808f268ac',
    ]),
    318,
  );
});

test('a transaction weighs its frame, its outputs and its inputs', () => {
  const witness = { measure: measureByTemplate(PAYEES.p2wpkh), weightWu: null };
  const legacy = { measure: measureByTemplate(PAYEES.p2pkh), weightWu: null };
  const outputs = [{ valueSat: 0, scriptPubKey: PAYEES.p2wpkh }];
  // 10 bytes of frame, 31 of the output
  assert.equal(computeSignedSize([legacy], outputs)?.weightWu, 4 * 41 + 588);
  // marker and flag, and an empty witness for the legacy input
  assert.deepEqual(computeSignedSize([legacy, witness], outputs), { weightWu: 4 * 41 + 2 + 589 + 271, vsize: 257 });
  assert.equal(computeSignedSize([{ measure: null, weightWu: 500 }], outputs)?.weightWu, 4 * 41 + 500);
  assert.equal(computeSignedSize([{ measure: null, weightWu: null }], outputs), null);
});

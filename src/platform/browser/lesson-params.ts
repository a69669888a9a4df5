// The rules of the ledger that lessons play on: those of regtest, with two kinds of pages. A hard page has the target of the first page;
// an easy one may come when the page before is more than two spacings old, as on the test networks of Bitcoin. So a short branch can
// have more work than a long one.

import { buildGenesis, findGenesisNonce, payToPublicKeyScript } from '../../kernel/consensus/genesis.ts';
import { createRegtestParams } from '../../kernel/consensus/networks/regtest.ts';
import { type ChainParams, createPowRules } from '../../kernel/consensus/params.ts';
import { encodeCompact } from '../../kernel/consensus/target.ts';
import { assert } from '../../kernel/util/assert.ts';
import { encodeUtf8 } from '../../kernel/util/utf8.ts';

/** Wanted time between two pages; a hard page comes after one, an easy one after more than two. */
export const LESSON_SPACING_SEC = 600;

/** An easy page needs two hashes, a hard one eight. */
const EASY_LIMIT: bigint = (1n << 255n) - 1n;
const HARD_TARGET: bigint = (1n << 253n) - 1n;

/** When the first page was written: the day on which the main ledger began. */
const FIRST_SEC = 1_231_006_505;

/** Attempts at the first page; one of eight wins. */
const ATTEMPTS_MAX = 10_000;

const REWARD_SAT = 5_000_000_000;

/** Parameters of the ledger of lessons. */
export function createLessonParams(): ChainParams {
  const regtest = createRegtestParams();
  const pow = createPowRules({
    limit: EASY_LIMIT,
    spacingSec: LESSON_SPACING_SEC,
    timespanSec: LESSON_SPACING_SEC * 2016,
    allowMinDifficultyBlocks: true,
    enforceBip94: false,
    noRetargeting: true,
  });
  const spec = {
    message: encodeUtf8('Two halves of one stick'),
    outputScript: payToPublicKeyScript(new Uint8Array(33)),
    timeSec: FIRST_SEC,
    bits: encodeCompact(HARD_TARGET),
    nonce: 0,
    version: 1,
    rewardSat: REWARD_SAT,
  };
  const nonce = findGenesisNonce(spec, pow, ATTEMPTS_MAX);
  assert(nonce !== null, 'one of eight nonces is enough');
  const genesis = buildGenesis({ ...spec, nonce });
  const consensus = { ...regtest.consensus, genesisHash: genesis.header.blockHash, pow };
  return { ...regtest, name: 'lesson', genesis, consensus, assumeUtxo: [] };
}

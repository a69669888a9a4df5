// The fourth test network, with its remedies against block storms and time warps (BIP94, Core CTestNet4Params).

import { fromHex } from '../../util/bytes.ts';
import { buildGenesis, payToPublicKeyScript } from '../genesis.ts';
import {
  type ChainParams,
  createPowRules,
  type DeploymentOptions,
  literalBlockHash,
  overrideDeployments,
  overrideHeights,
} from '../params.ts';
import {
  assumeUtxo,
  BIP30_EXCEPTIONS,
  INITIAL_SUBSIDY_SAT,
  POW_LIMIT_32_ZERO_BITS,
  TEN_MINUTES_SEC,
  TEST_PREFIXES,
  TWO_WEEKS_SEC,
  testdummy,
} from './common.ts';

/** `03/May/2024 000000000000000000001ebd58c244970b3aa9d783bb001011fbe8ea8e98e00e`, the hash of a block of that day. */
const MESSAGE =
  '30332f4d61792f323032342030303030303030303030303030303030303030303165626435386332343439373062336161396437383362623030313031316662653865613865393865303065';

/** Parameters of the fourth test network. */
export function createTestnet4Params(options: DeploymentOptions = {}): ChainParams {
  const genesis = buildGenesis({
    message: fromHex(MESSAGE),
    // A public key of 33 zero bytes: nobody could spend it even if it were a coin.
    outputScript: payToPublicKeyScript(new Uint8Array(33)),
    timeSec: 1714777860,
    nonce: 393743547,
    bits: 0x1d00ffff,
    version: 1,
    rewardSat: INITIAL_SUBSIDY_SAT,
  });
  return {
    name: 'testnet4',
    isTestChain: true,
    isMockable: false,
    magic: Uint8Array.of(0x1c, 0x16, 0x3f, 0x28),
    ports: { p2p: 48333, rpc: 48332, onion: 48334 },
    prefixes: TEST_PREFIXES,
    genesis,
    consensus: {
      genesisHash: genesis.header.blockHash,
      initialSubsidySat: INITIAL_SUBSIDY_SAT,
      subsidyHalvingInterval: 210_000,
      pow: createPowRules({
        limit: POW_LIMIT_32_ZERO_BITS,
        spacingSec: TEN_MINUTES_SEC,
        timespanSec: TWO_WEEKS_SEC,
        allowMinDifficultyBlocks: true,
        enforceBip94: true,
        noRetargeting: false,
      }),
      activationHeights: overrideHeights({ bip34: 1, bip65: 1, bip66: 1, csv: 1, segwit: 1 }, options),
      bip34Hash: null,
      bip30Exceptions: BIP30_EXCEPTIONS,
      scriptFlagExceptions: [],
      deployments: overrideDeployments([testdummy({ threshold: 1512 })], options),
      minBip9WarningHeight: 0,
      minimumChainWork: 0x9a0fe15d0177d086304n,
      // Block 123,613.
      assumeValid: literalBlockHash('0000000002368b1e4ee27e2e85676ae6f9f9e69579b29093e9a82c170bf7cf8a'),
      signetChallenge: null,
    },
    pruneAfterHeight: 1000,
    dnsSeeds: ['seed.testnet4.bitcoin.sprovoost.nl.', 'seed.testnet4.wiz.biz.'],
    assumeUtxo: [
      assumeUtxo(
        90_000,
        '0000000002ebe8bcda020e0dd6ccfbdfac531d2f6a81457191b99fc2df2dbe3b',
        11_347_043,
        '784fb5e98241de66fdd429f4392155c9e7db5c017148e66e8fdbc95746f8b9b5',
      ),
      assumeUtxo(
        120_000,
        '000000000bd2317e51b3c5794981c35ba894ce27d3e772d5c39ecd9cbce01dc8',
        14_141_057,
        '10b05d05ad468d0971162e1b222a4aa66caca89da2bb2a93f8f37fb29c4794b0',
      ),
    ],
    chainTxData: { timeSec: 1_772_013_387, txCount: 14_191_421, txPerSec: 0.01848579579528412 },
    headersSync: { commitmentPeriod: 606, redownloadBufferSize: 16_092 },
    assumedBlockchainSizeGb: 31,
    assumedChainstateSizeGb: 2,
  };
}

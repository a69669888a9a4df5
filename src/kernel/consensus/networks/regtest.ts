// Regtest: a private network on which a block costs two hashes and the clock can be set (Core CRegTestParams).

import {
  type ChainParams,
  createPowRules,
  type DeploymentOptions,
  overrideDeployments,
  overrideHeights,
} from '../params.ts';
import {
  assumeUtxo,
  BIP30_EXCEPTIONS,
  buildGenesis2009,
  INITIAL_SUBSIDY_SAT,
  TEN_MINUTES_SEC,
  TEST_PREFIXES,
  testdummy,
} from './common.ts';

/** What can be chosen about regtest. */
export interface RegtestOptions extends DeploymentOptions {
  /** Enforce BIP94 (option -test=bip94). */
  readonly enforceBip94?: boolean;
  /** Prune from height 100 on, so that tests see it (option -fastprune). */
  readonly fastPrune?: boolean;
}

/** Parameters of regtest. */
export function createRegtestParams(options: RegtestOptions = {}): ChainParams {
  const genesis = buildGenesis2009({ timeSec: 1296688602, nonce: 2, bits: 0x207fffff });
  return {
    name: 'regtest',
    isTestChain: true,
    isMockable: true,
    magic: Uint8Array.of(0xfa, 0xbf, 0xb5, 0xda),
    ports: { p2p: 18444, rpc: 18443, onion: 18445 },
    prefixes: { ...TEST_PREFIXES, bech32Hrp: 'bcrt' },
    genesis,
    consensus: {
      genesisHash: genesis.header.blockHash,
      initialSubsidySat: INITIAL_SUBSIDY_SAT,
      subsidyHalvingInterval: 150,
      pow: createPowRules({
        limit: (1n << 255n) - 1n,
        spacingSec: TEN_MINUTES_SEC,
        timespanSec: 24 * 60 * 60,
        allowMinDifficultyBlocks: true,
        enforceBip94: options.enforceBip94 ?? false,
        noRetargeting: true,
      }),
      activationHeights: overrideHeights({ bip34: 1, bip65: 1, bip66: 1, csv: 1, segwit: 0 }, options),
      bip34Hash: null,
      bip30Exceptions: BIP30_EXCEPTIONS,
      scriptFlagExceptions: [],
      deployments: overrideDeployments([testdummy({ threshold: 108, period: 144, startTimeSec: 0 })], options),
      minBip9WarningHeight: 0,
      minimumChainWork: 0n,
      assumeValid: null,
      signetChallenge: null,
    },
    pruneAfterHeight: options.fastPrune === true ? 100 : 1000,
    dnsSeeds: ['dummySeed.invalid.'],
    assumeUtxo: [
      assumeUtxo(
        110,
        '135eec25a6fb277884e5824e7aa7d052c4868161c99a5122170b5266f86c273d',
        111,
        '86e9a1205b418b16dde3a18a78c730e30137e28466bda5dbf6b33ab8fc05447c',
      ),
      assumeUtxo(
        200,
        '385901ccbd69dff6bbd00065d01fb8a9e464dede7cfe0372443884f9b1dcf6b9',
        201,
        '17dcc016d188d16068907cdeb38b75691a118d43053b8cd6a25969419381d13a',
      ),
      assumeUtxo(
        299,
        '0c552ced4721c249a389eb9b08cb8da261cd46f0e7b5f9d064d48f3113406853',
        334,
        '106b2c56233e378a824cf0d5ff2be42ed32c72f1605c9be288d00942908a40ac',
      ),
    ],
    chainTxData: { timeSec: 0, txCount: 0, txPerSec: 0.001 },
    headersSync: { commitmentPeriod: 275, redownloadBufferSize: 7017 },
    assumedBlockchainSizeGb: 0,
    assumedChainstateSizeGb: 0,
  };
}

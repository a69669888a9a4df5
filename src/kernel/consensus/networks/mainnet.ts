// The main network: Bitcoin since 2009 (Core CMainParams).

import { SCRIPT_VERIFY, SCRIPT_VERIFY_NONE } from '../../script/flags.ts';
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
  buildGenesis2009,
  INITIAL_SUBSIDY_SAT,
  POW_LIMIT_32_ZERO_BITS,
  TEN_MINUTES_SEC,
  TWO_WEEKS_SEC,
  testdummy,
} from './common.ts';

/** Parameters of the main network. */
export function createMainnetParams(options: DeploymentOptions = {}): ChainParams {
  const genesis = buildGenesis2009({ timeSec: 1231006505, nonce: 2083236893, bits: 0x1d00ffff });
  return {
    name: 'main',
    isTestChain: false,
    isMockable: false,
    magic: Uint8Array.of(0xf9, 0xbe, 0xb4, 0xd9),
    ports: { p2p: 8333, rpc: 8332, onion: 8334 },
    prefixes: {
      pubKeyHash: 0,
      scriptHash: 5,
      secretKey: 128,
      extendedPublicKey: 0x0488b21e,
      extendedSecretKey: 0x0488ade4,
      bech32Hrp: 'bc',
    },
    genesis,
    consensus: {
      genesisHash: genesis.header.blockHash,
      initialSubsidySat: INITIAL_SUBSIDY_SAT,
      subsidyHalvingInterval: 210_000,
      pow: createPowRules({
        limit: POW_LIMIT_32_ZERO_BITS,
        spacingSec: TEN_MINUTES_SEC,
        timespanSec: TWO_WEEKS_SEC,
        allowMinDifficultyBlocks: false,
        enforceBip94: false,
        noRetargeting: false,
      }),
      activationHeights: overrideHeights(
        { bip34: 227_931, bip65: 388_381, bip66: 363_725, csv: 419_328, segwit: 481_824 },
        options,
      ),
      bip34Hash: literalBlockHash('000000000000024b89b42a942fe0d9fea3bb44ab7bd1b19115dd6a759c0808b8'),
      bip30Exceptions: BIP30_EXCEPTIONS,
      scriptFlagExceptions: [
        {
          // Breaks BIP16, which began to count shortly before.
          blockHash: literalBlockHash('00000000000002dc756eebf4f49723ed8d30cc28a5f108eb94b1ba88ac4f9c22'),
          flags: SCRIPT_VERIFY_NONE,
        },
        {
          // Spends a version 1 program in a way that taproot forbids since.
          blockHash: literalBlockHash('0000000000000000000f14c35b2d841e986ab5441de8c585d5ffe55ea1e395ad'),
          flags: SCRIPT_VERIFY.P2SH | SCRIPT_VERIFY.WITNESS,
        },
      ],
      deployments: overrideDeployments([testdummy({ threshold: 1815 })], options),
      // Activation of taproot and one period.
      minBip9WarningHeight: 711_648,
      minimumChainWork: 0x1128750f82f4c366153a3a030n,
      // Block 938,343.
      assumeValid: literalBlockHash('00000000000000000000ccebd6d74d9194d8dcdc1d177c478e094bfad51ba5ac'),
      signetChallenge: null,
    },
    pruneAfterHeight: 100_000,
    dnsSeeds: [
      'dnsseed.bluematt.me.',
      'seed.bitcoin.jonasschnelli.ch.',
      'seed.btc.petertodd.net.',
      'seed.bitcoin.sprovoost.nl.',
      'dnsseed.emzy.de.',
      'seed.bitcoin.wiz.biz.',
      'seed.mainnet.achownodes.xyz.',
    ],
    assumeUtxo: [
      assumeUtxo(
        840_000,
        '0000000000000000000320283a032748cef8227873ff4872689bf23f1cda83a5',
        991_032_194,
        'a2a5521b1b5ab65f67818e5e8eccabb7171a517f9e2382208f77687310768f96',
      ),
      assumeUtxo(
        880_000,
        '000000000000000000010b17283c3c400507969a9c2afd1dcf2082ec5cca2880',
        1_145_604_538,
        'dbd190983eaf433ef7c15f78a278ae42c00ef52e0fd2a54953782175fbadcea9',
      ),
      assumeUtxo(
        910_000,
        '0000000000000000000108970acb9522ffd516eae17acddcb1bd16469194a821',
        1_226_586_151,
        '4daf8a17b4902498c5787966a2b51c613acdab5df5db73f196fa59a4da2f1568',
      ),
      assumeUtxo(
        935_000,
        '0000000000000000000147034958af1652b2b91bba607beacc5e72a56f0fb5ee',
        1_305_397_408,
        'e4b90ef9eae834f56c4b64d2d50143cee10ad87994c614d7d04125e2a6025050',
      ),
    ],
    chainTxData: { timeSec: 1_772_055_173, txCount: 1_315_805_869, txPerSec: 5.40111006496122 },
    headersSync: { commitmentPeriod: 641, redownloadBufferSize: 15_218 },
    assumedBlockchainSizeGb: 856,
    assumedChainstateSizeGb: 14,
  };
}

// The third test network, on its way out in favour of the fourth (Core CTestNetParams).

import { SCRIPT_VERIFY_NONE } from '../../script/flags.ts';
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
  TEST_PREFIXES,
  TWO_WEEKS_SEC,
  testdummy,
} from './common.ts';

/** Parameters of the third test network. */
export function createTestnet3Params(options: DeploymentOptions = {}): ChainParams {
  const genesis = buildGenesis2009({ timeSec: 1296688602, nonce: 414098458, bits: 0x1d00ffff });
  return {
    name: 'test',
    isTestChain: true,
    isMockable: false,
    magic: Uint8Array.of(0x0b, 0x11, 0x09, 0x07),
    ports: { p2p: 18333, rpc: 18332, onion: 18334 },
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
        enforceBip94: false,
        noRetargeting: false,
      }),
      activationHeights: overrideHeights(
        { bip34: 21_111, bip65: 581_885, bip66: 330_776, csv: 770_112, segwit: 834_624 },
        options,
      ),
      bip34Hash: literalBlockHash('0000000023b3a96d3484e5abb3755c413e7d41500f8e2a5c3f0dd01299cd8ef8'),
      bip30Exceptions: BIP30_EXCEPTIONS,
      scriptFlagExceptions: [
        {
          // Breaks BIP16.
          blockHash: literalBlockHash('00000000dd30457c001f4095d208cc1296b0eed002427aa599874af7a432b105'),
          flags: SCRIPT_VERIFY_NONE,
        },
      ],
      deployments: overrideDeployments([testdummy({ threshold: 1512 })], options),
      // Activation of taproot and one period.
      minBip9WarningHeight: 2_013_984,
      minimumChainWork: 0x17dde1c649f3708d14b6n,
      // Block 4,842,348.
      assumeValid: literalBlockHash('000000007a61e4230b28ac5cb6b5e5a0130de37ac1faf2f8987d2fa6505b67f4'),
      signetChallenge: null,
    },
    pruneAfterHeight: 1000,
    dnsSeeds: [
      'testnet-seed.bitcoin.jonasschnelli.ch.',
      'seed.tbtc.petertodd.net.',
      'seed.testnet.bitcoin.sprovoost.nl.',
      'testnet-seed.bluematt.me.',
      'seed.testnet.achownodes.xyz.',
    ],
    assumeUtxo: [
      assumeUtxo(
        2_500_000,
        '0000000000000093bcb68c03a9a168ae252572d348a2eaeba2cdf9231d73206f',
        66_484_552,
        'f841584909f68e47897952345234e37fcd9128cd818f41ee6c3ca68db8071be7',
      ),
      assumeUtxo(
        4_840_000,
        '00000000000000f4971a7fb37fbdff89315b69a2e1920c467654a382f0d64786',
        536_078_574,
        'ce6bb677bb2ee9789c4a1c9d73e6683c53fc20e8fdbedbdaaf468982a0c8db2a',
      ),
    ],
    chainTxData: { timeSec: 1_772_051_651, txCount: 536_108_416, txPerSec: 0.02691479016257117 },
    headersSync: { commitmentPeriod: 673, redownloadBufferSize: 14_460 },
    assumedBlockchainSizeGb: 245,
    assumedChainstateSizeGb: 19,
  };
}

// Signet: a test network whose blocks carry a solution to a challenge script on top of their proof of work (BIP325, Core
// SigNetParams). The default one is public; a challenge of one's own makes a network of one's own, with its own magic.

import { sha256d } from '../../crypto/sha256.ts';
import { compactSizeLength, writeCompactSizeAt } from '../../encoding/compact-size.ts';
import { fromHex } from '../../util/bytes.ts';
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
  TEN_MINUTES_SEC,
  TEST_PREFIXES,
  TWO_WEEKS_SEC,
  testdummy,
} from './common.ts';

/** What can be chosen about a signet. */
export interface SignetOptions extends DeploymentOptions {
  /** Script that every block must satisfy; left out: the public signet's. */
  readonly challenge?: Uint8Array;
  /** Seeds in place of the usual ones. */
  readonly dnsSeeds?: readonly string[];
}

/** One signature of two keys. */
const DEFAULT_CHALLENGE =
  '512103ad5e0edad18cb1f0fc0d28a3d4f1f3e445640337489abb10404f2d1e086be430210359ef5021964fe22d6f8e05b2463c9540ce96883fe3b278760f048f5189f2e6c452ae';

/** Magic of a signet: the first four bytes of the double SHA-256 of its challenge with its length (BIP325). */
export function computeSignetMagic(challenge: Uint8Array): Uint8Array {
  const serialized = new Uint8Array(compactSizeLength(challenge.length) + challenge.length);
  serialized.set(challenge, writeCompactSizeAt(serialized, 0, challenge.length));
  return sha256d(serialized).slice(0, 4);
}

/** Parameters of the public signet, or of one with another challenge. */
export function createSignetParams(options: SignetOptions = {}): ChainParams {
  const isPublic = options.challenge === undefined;
  const challenge = options.challenge ?? fromHex(DEFAULT_CHALLENGE);
  const genesis = buildGenesis2009({ timeSec: 1598918400, nonce: 52613770, bits: 0x1e0377ae });
  return {
    name: 'signet',
    isTestChain: true,
    isMockable: false,
    magic: computeSignetMagic(challenge),
    ports: { p2p: 38333, rpc: 38332, onion: 38334 },
    prefixes: TEST_PREFIXES,
    genesis,
    consensus: {
      genesisHash: genesis.header.blockHash,
      initialSubsidySat: INITIAL_SUBSIDY_SAT,
      subsidyHalvingInterval: 210_000,
      pow: createPowRules({
        limit: 0x377aen << 216n,
        spacingSec: TEN_MINUTES_SEC,
        timespanSec: TWO_WEEKS_SEC,
        allowMinDifficultyBlocks: false,
        enforceBip94: false,
        noRetargeting: false,
      }),
      activationHeights: overrideHeights({ bip34: 1, bip65: 1, bip66: 1, csv: 1, segwit: 1 }, options),
      bip34Hash: null,
      bip30Exceptions: BIP30_EXCEPTIONS,
      scriptFlagExceptions: [],
      deployments: overrideDeployments([testdummy({ threshold: 1815 })], options),
      minBip9WarningHeight: 0,
      minimumChainWork: isPublic ? 0xb463ea0a4b8n : 0n,
      // Block 293,175.
      assumeValid: isPublic
        ? literalBlockHash('00000008414aab61092ef93f1aacc54cf9e9f16af29ddad493b908a01ff5c329')
        : null,
      signetChallenge: challenge,
    },
    pruneAfterHeight: 1000,
    dnsSeeds:
      options.dnsSeeds ?? (isPublic ? ['seed.signet.bitcoin.sprovoost.nl.', 'seed.signet.achownodes.xyz.'] : []),
    assumeUtxo: [
      assumeUtxo(
        160_000,
        '0000003ca3c99aff040f2563c2ad8f8ec88bd0fd6b8f0895cfaf1ef90353a62c',
        2_289_496,
        'fe0a44309b74d6b5883d246cb419c6221bcccf0b308c9b59b7d70783dbdf928a',
      ),
      assumeUtxo(
        290_000,
        '0000000577f2741bb30cd9d39d6d71b023afbeb9764f6260786a97969d5c9ac0',
        28_547_497,
        '97267e000b4b876800167e71b9123f1529d13b14308abec2888bbd2160d14545',
      ),
    ],
    chainTxData: isPublic
      ? { timeSec: 1_772_055_248, txCount: 28_676_833, txPerSec: 0.06736623436338929 }
      : { timeSec: 0, txCount: 0, txPerSec: 0 },
    headersSync: { commitmentPeriod: 620, redownloadBufferSize: 15_724 },
    assumedBlockchainSizeGb: isPublic ? 24 : 0,
    assumedChainstateSizeGb: isPublic ? 4 : 0,
  };
}

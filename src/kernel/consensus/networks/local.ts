// Local: the ledger for trying things out on one or a few machines. Real proof of work that follows the miners' power within
// minutes, a page about every 15 seconds whatever their number, all rules from block 1 on, money as on the main network. The
// reasons for its numbers, and what they do, are in docs/adr/0009-local-ledger.md.

import { encodeUtf8 } from '../../util/utf8.ts';
import { buildGenesis, payToPublicKeyScript } from '../genesis.ts';
import { type ChainParams, createPowRules } from '../params.ts';
import { INITIAL_SUBSIDY_SAT, TEST_PREFIXES } from './common.ts';

const MESSAGE = 'Two keep the books: each holds half of the split stick, and neither can alter it alone';

/**
 * What the rule of difficulty is told. It measures 14 gaps where it should measure 15, and follows the luck of so few blocks: both
 * make pages slower, from 13 seconds to the wanted 15.
 */
const SPACING_SEC = 13;

/** Blocks of a difficulty period: the first hundred, after which a reward can be spent, come within seconds. */
const PERIOD_BLOCKS = 15;

/** About a thousand hashes for the easiest page. */
const LIMIT: bigint = 2n ** 246n - 1n;

/** Parameters of the local ledger. */
export function createLocalParams(): ChainParams {
  const genesis = buildGenesis({
    message: encodeUtf8(MESSAGE),
    // A public key of 33 zero bytes, as on testnet4: nobody could spend it even if it were a coin.
    outputScript: payToPublicKeyScript(new Uint8Array(33)),
    timeSec: 1_767_225_600, // 2026-01-01
    nonce: 1722,
    bits: 0x1f3fffff,
    version: 1,
    rewardSat: INITIAL_SUBSIDY_SAT,
  });
  return {
    name: 'local',
    isTestChain: true,
    isMockable: false,
    // `tall` with the high bits set, which no text has.
    magic: Uint8Array.of(0xf4, 0xe1, 0xec, 0xec),
    ports: { p2p: 28339, rpc: 28338, onion: 28340 },
    // Addresses begin with T, t and tally1.
    prefixes: { ...TEST_PREFIXES, pubKeyHash: 65, scriptHash: 127, secretKey: 193, bech32Hrp: 'tally' },
    genesis,
    consensus: {
      genesisHash: genesis.header.blockHash,
      initialSubsidySat: INITIAL_SUBSIDY_SAT,
      // As on the main network, so that 21 million stay 21 million; here an era lasts five weeks.
      subsidyHalvingInterval: 210_000,
      pow: createPowRules({
        limit: LIMIT,
        spacingSec: SPACING_SEC,
        timespanSec: PERIOD_BLOCKS * SPACING_SEC,
        allowMinDifficultyBlocks: false,
        enforceBip94: true,
        noRetargeting: false,
      }),
      activationHeights: { bip34: 1, bip65: 1, bip66: 1, csv: 1, segwit: 1 },
      bip34Hash: null,
      bip30Exceptions: [],
      scriptFlagExceptions: [],
      deployments: [],
      minBip9WarningHeight: 0,
      minimumChainWork: 0n,
      assumeValid: null,
      signetChallenge: null,
    },
    pruneAfterHeight: 1000,
    dnsSeeds: [],
    assumeUtxo: [],
    chainTxData: { timeSec: 0, txCount: 0, txPerSec: 0 },
    headersSync: { commitmentPeriod: 275, redownloadBufferSize: 7017 },
    assumedBlockchainSizeGb: 0,
    assumedChainstateSizeGb: 0,
  };
}

// What several networks share: the genesis coinbase of 2009, the prefixes of all test networks, and small makers of parameters.

import { COIN } from '../../primitives/amount.ts';
import type { Block } from '../../primitives/block.ts';
import { fromHex } from '../../util/bytes.ts';
import { buildGenesis, payToPublicKeyScript } from '../genesis.ts';
import {
  type AssumeUtxo,
  type BlockReference,
  type KeyPrefixes,
  literalBlockHash,
  NEVER_ACTIVE,
  NO_TIMEOUT,
  type VersionbitsDeployment,
} from '../params.ts';

/** Subsidy of the first era on all public networks. */
export const INITIAL_SUBSIDY_SAT: number = 50 * COIN;

/** Two weeks, the difficulty period of all public networks. */
export const TWO_WEEKS_SEC: number = 14 * 24 * 60 * 60;

/** Ten minutes, the block spacing of all public networks. */
export const TEN_MINUTES_SEC: number = 10 * 60;

/** 2^224 - 1: 32 zero bits, the limit of main, testnet3 and testnet4. */
export const POW_LIMIT_32_ZERO_BITS: bigint = (1n << 224n) - 1n;

/** `The Times 03/Jan/2009 Chancellor on brink of second bailout for banks`. */
const MESSAGE_2009 =
  '5468652054696d65732030332f4a616e2f32303039204368616e63656c6c6f72206f6e206272696e6b206f66207365636f6e64206261696c6f757420666f722062616e6b73';

const PUBLIC_KEY_2009 =
  '04678afdb0fe5548271967f1a67130b7105cd6a828e03909a67962e0ea1f61deb649f6bc3f4cef38c4f35504e51ec112de5c384df7ba0b8d578a4c702b6bf11d5f';

/** The genesis block with the coinbase of 2009: main, testnet3, signet and regtest differ only in the header. */
export function buildGenesis2009(header: { timeSec: number; nonce: number; bits: number }): Block {
  return buildGenesis({
    ...header,
    message: fromHex(MESSAGE_2009),
    outputScript: payToPublicKeyScript(fromHex(PUBLIC_KEY_2009)),
    version: 1,
    rewardSat: INITIAL_SUBSIDY_SAT,
  });
}

/** The two blocks whose coinbase repeated an earlier one; Core names them by height and hash for every network (C07). */
export const BIP30_EXCEPTIONS: readonly BlockReference[] = [
  {
    height: 91842,
    blockHash: literalBlockHash('00000000000a4d0a398161ffc163c503763b1f4360639393e0e4c8e300e0caec'),
  },
  {
    height: 91880,
    blockHash: literalBlockHash('00000000000743f190a18c5577a3c2d2a1f610ae9601ac046a38084ccb7cd721'),
  },
];

/** The deployment for tests of signalling; outside regtest it never activates. */
export function testdummy(schedule: {
  threshold: number;
  period?: number;
  startTimeSec?: number;
}): VersionbitsDeployment {
  return {
    name: 'testdummy',
    bit: 28,
    startTimeSec: NEVER_ACTIVE,
    timeoutSec: NO_TIMEOUT,
    minActivationHeight: 0,
    period: 2016,
    isOptionalForMiners: true,
    ...schedule,
  };
}

/** An assumeutxo entry; the hash of the coins is written in display order as Core does. */
export function assumeUtxo(height: number, blockHash: string, chainTxCount: number, coinsHash: string): AssumeUtxo {
  return { height, blockHash: literalBlockHash(blockHash), chainTxCount, coinsHash: fromHex(coinsHash).reverse() };
}

/** Prefixes of testnet3, testnet4 and signet. */
export const TEST_PREFIXES: KeyPrefixes = {
  pubKeyHash: 111,
  scriptHash: 196,
  secretKey: 239,
  extendedPublicKey: 0x043587cf,
  extendedSecretKey: 0x04358394,
  bech32Hrp: 'tb',
};

// A wallet and a node in a few lines, for tests that build transactions: coins, rates and chance as the test wants them.

import { createP2pkh, createP2sh, createWitnessProgram } from '../../src/kernel/script/script-builder.ts';
import { solveOutput } from '../../src/kernel/script/solver.ts';
import { createRng } from '../../src/kernel/util/prng.ts';
import type { AvailableCoin } from '../../src/wallet/books/available-coin.ts';
import type { Descriptor, FixedKey } from '../../src/wallet/descriptor/descriptor.ts';
import { type InputMeasure, measureDescriptorInput } from '../../src/wallet/descriptor/input-size.ts';
import type { PresetInput } from '../../src/wallet/tx-builder/coin-control.ts';
import {
  DEFAULT_SPEND_SETTINGS,
  type SpendChain,
  type SpendEnvironment,
} from '../../src/wallet/tx-builder/environment.ts';

/** The scripts that the wallet of these tests knows how to spend, by template. */
const KEY: FixedKey = { kind: 'fixed', publicKey: new Uint8Array(33).fill(2), isXOnly: false, origin: null };
const wpkh: Descriptor = { type: 'wpkh', key: KEY, isInTree: false };
const DESCRIPTORS: Readonly<Record<string, Descriptor>> = {
  pubkeyhash: { type: 'pkh', key: KEY, isInTree: false },
  witness_v0_keyhash: wpkh,
  scripthash: { type: 'sh', inner: wpkh },
  witness_v1_taproot: { type: 'tr', internalKey: KEY, leaves: [] },
};

/** Measures what the wallet can sign: P2PKH, P2WPKH, P2WPKH in P2SH and P2TR. */
export function measureByTemplate(script: Uint8Array): InputMeasure | null {
  const descriptor = DESCRIPTORS[solveOutput(script, 0, script.length).type];
  return descriptor === undefined ? null : measureDescriptorInput(descriptor, script, true);
}

/** Scripts of strangers, one of each common type. */
export const PAYEES: Readonly<Record<'p2pkh' | 'p2sh' | 'p2wpkh' | 'p2tr', Uint8Array>> = {
  p2pkh: createP2pkh(new Uint8Array(20).fill(0xa1)),
  p2sh: createP2sh(new Uint8Array(20).fill(0xa2)),
  p2wpkh: createWitnessProgram(0, new Uint8Array(20).fill(0xa3)),
  p2tr: createWitnessProgram(1, new Uint8Array(32).fill(0xa4)),
};

/** Where change goes. */
export const CHANGE_SCRIPT: Uint8Array = createWitnessProgram(0, new Uint8Array(20).fill(0xcc));

/** A node that estimates 10 sat/vB, with an empty mempool. */
export const QUIET_CHAIN: SpendChain = {
  bumpFees: (outpoints) => ({ each: outpoints.map(() => 0), combined: 0 }),
  checkChainLimits: () => true,
  estimateFeeRate: (targetBlocks) => ({ satPerKvb: 10_000, targetBlocks }),
  estimateTargetMax: () => 1_008,
  mempoolMinFeeRate: () => 100,
  relayMinFeeRate: () => 100,
  incrementalRelayFeeRate: () => 100,
  dustRelayFeeRate: () => 3_000,
};

/** Everything a transaction is built from; what is not given is usual. */
export function makeEnvironment(
  coins: readonly AvailableCoin[],
  given: Partial<SpendEnvironment> & { readonly seed?: number } = {},
): SpendEnvironment {
  const { seed = 1, ...rest } = given;
  return {
    chain: QUIET_CHAIN,
    settings: DEFAULT_SPEND_SETTINGS,
    coins,
    measureInput: measureByTemplate,
    change: { script: CHANGE_SCRIPT, fault: null },
    tip: { height: 1_000, timeSec: 1_700_000_000 },
    isSynchronised: true,
    nowSec: 1_700_000_600,
    rng: createRng(seed),
    ...rest,
  };
}

/** A coin as a preset input. */
export function presetOf(coin: AvailableCoin, given: Partial<PresetInput> = {}): PresetInput {
  const { outpoint, valueSat, scriptPubKey, depth, version } = coin;
  return { outpoint, output: { valueSat, scriptPubKey }, isExternal: false, depth, version, ...given };
}

// Coins for tests of coin selection: of any value, size and price, each with an outpoint of its own.

import { computeFeeSat } from '../../src/kernel/policy/feerate.ts';
import { asTxid } from '../../src/kernel/primitives/hashes.ts';
import { formatOutpoint, type Outpoint } from '../../src/kernel/primitives/outpoint.ts';
import { createWitnessProgram } from '../../src/kernel/script/script-builder.ts';
import { toHex } from '../../src/kernel/util/bytes.ts';
import type { AvailableCoin } from '../../src/wallet/books/available-coin.ts';
import { type Candidate, priceCoin, type UnpricedCoin } from '../../src/wallet/coin-selection/candidate.ts';
import { createGroup, type OutputGroup } from '../../src/wallet/coin-selection/groups.ts';

/** A hundredth of a bitcoin, Core's CENT. */
export const CENT = 1_000_000;

/** Virtual bytes of the input that spends a P2WPKH output. */
export const P2WPKH_INPUT_VSIZE = 68;

/** Rates of Core's selection tests: 5 sat/vB now, 10 sat/vB in quiet times. */
export const TEST_RATES = { feeRate: 5_000, longTermFeeRate: 10_000 };

let lastCoin = 0;

/** An outpoint that no other coin has. */
export function nextOutpoint(): Outpoint {
  const txid = asTxid(new Uint8Array(32));
  new DataView(txid.buffer).setUint32(0, ++lastCoin);
  return { txid, index: 0 };
}

/** A P2WPKH script for each number. */
export function numberedScript(number: number): Uint8Array {
  const keyHash = new Uint8Array(20);
  new DataView(keyHash.buffer).setUint32(0, number);
  return createWitnessProgram(0, keyHash);
}

/** A coin of this value; what is not given is usual. */
export function makeCandidate(
  valueSat: number,
  given: Partial<UnpricedCoin> = {},
  rates: { readonly feeRate: number; readonly longTermFeeRate: number } = TEST_RATES,
): Candidate {
  const outpoint = nextOutpoint();
  const usual: UnpricedCoin = {
    outpoint,
    name: formatOutpoint(outpoint),
    valueSat,
    scriptPubKey: numberedScript(lastCoin),
    depth: 144,
    isFromMe: false,
    type: 'bech32',
    inputVsize: P2WPKH_INPUT_VSIZE,
    bumpFeeSat: 0,
    ancestorCount: 0,
    clusterCount: 0,
  };
  return priceCoin({ ...usual, ...given }, rates);
}

/** A group of one coin that brings `effectiveSat` after its fee. */
export function makeGroup(
  effectiveSat: number,
  inputVsize: number = P2WPKH_INPUT_VSIZE,
  rates: { readonly feeRate: number; readonly longTermFeeRate: number } = TEST_RATES,
): OutputGroup {
  const valueSat = effectiveSat + computeFeeSat(rates.feeRate, inputVsize);
  return createGroup([makeCandidate(valueSat, { inputVsize }, rates)], false);
}

/** Groups of one coin each. */
export function makeGroups(
  effectiveSat: readonly number[],
  rates: { readonly feeRate: number; readonly longTermFeeRate: number } = TEST_RATES,
): readonly OutputGroup[] {
  return effectiveSat.map((amount) => makeGroup(amount, P2WPKH_INPUT_VSIZE, rates));
}

/** A group of one coin that costs nothing to spend, and counts with its value. */
export function makeFreeGroup(valueSat: number, inputVsize: number = P2WPKH_INPUT_VSIZE): OutputGroup {
  return makeGroup(valueSat, inputVsize, { feeRate: 0, longTermFeeRate: 0 });
}

/** A coin as the books list it; what is not given is usual. */
export function makeAvailable(valueSat: number, given: Partial<AvailableCoin> = {}): AvailableCoin {
  const outpoint = nextOutpoint();
  const scriptPubKey = given.scriptPubKey ?? numberedScript(lastCoin);
  return {
    outpoint,
    name: formatOutpoint(given.outpoint ?? outpoint),
    valueSat,
    scriptPubKey,
    scriptHex: toHex(scriptPubKey),
    depth: 144,
    isSolvable: true,
    isSafe: true,
    isFromMe: false,
    isLocked: false,
    isReused: false,
    isImmature: false,
    timeSec: 0,
    version: 2,
    hasTrucChild: false,
    ancestorCount: 0,
    clusterCount: 0,
    ...given,
  };
}

// New money per block (Core GetBlockSubsidy) and how much of it there will ever be.

import type { ConsensusParams } from './params.ts';

/** Eras after which nothing is left of any amount of 64 bits; Core stops here because a wider shift is undefined in C++. */
const ERA_COUNT_MAX = 64;

/** What a block at `height` may create out of nothing, in satoshis. */
export function getBlockSubsidy(height: number, params: ConsensusParams): number {
  return getEraSubsidy(Math.floor(height / params.subsidyHalvingInterval), params.initialSubsidySat);
}

/** Halving by division: exact, because only the exponent changes. `>>` would cut to 32 bits and count shifts modulo 32 (C09). */
function getEraSubsidy(era: number, initialSubsidySat: number): number {
  return era >= ERA_COUNT_MAX ? 0 : Math.floor(initialSubsidySat / 2 ** era);
}

/**
 * The sum of the subsidies of all blocks up to `height` but the first, whose output is no coin: what there can be at that height. A
 * bigint, because a schedule out of a file may promise more than a number holds.
 */
export function computeScheduledSupplySat(height: number, params: ConsensusParams): bigint {
  const { initialSubsidySat, subsidyHalvingInterval } = params;
  let supplySat = -BigInt(initialSubsidySat);
  for (let era = 0; era < ERA_COUNT_MAX && era * subsidyHalvingInterval <= height; era++) {
    const blockCount = Math.min(subsidyHalvingInterval, height + 1 - era * subsidyHalvingInterval);
    supplySat += BigInt(getEraSubsidy(era, initialSubsidySat)) * BigInt(blockCount);
  }
  return supplySat;
}

/**
 * The sum of all subsidies that a schedule will ever pay, the one of the genesis block included. A bigint, because a schedule
 * out of a file may promise more than a number holds.
 */
export function computeSupplyLimitSat(schedule: {
  readonly initialSubsidySat: number;
  readonly subsidyHalvingInterval: number;
}): bigint {
  let perEraBlock = 0n;
  for (let era = 0; era < ERA_COUNT_MAX; era++) perEraBlock += BigInt(getEraSubsidy(era, schedule.initialSubsidySat));
  return perEraBlock * BigInt(schedule.subsidyHalvingInterval);
}

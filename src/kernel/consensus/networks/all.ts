// The networks that are built in: those that Bitcoin Core knows, by the name it gives them, and our own for trying things out.

import type { ChainParams } from '../params.ts';
import { createLocalParams } from './local.ts';
import { createMainnetParams } from './mainnet.ts';
import { createRegtestParams } from './regtest.ts';
import { createSignetParams } from './signet.ts';
import { createTestnet3Params } from './testnet3.ts';
import { createTestnet4Params } from './testnet4.ts';

/** Name of a network (option -chain). */
export type NetworkName = 'main' | 'test' | 'testnet4' | 'signet' | 'regtest' | 'local';

const CREATORS: Readonly<Record<NetworkName, () => ChainParams>> = Object.freeze({
  main: createMainnetParams,
  test: createTestnet3Params,
  testnet4: createTestnet4Params,
  signet: createSignetParams,
  regtest: createRegtestParams,
  local: createLocalParams,
});

/** All of them, the main network first. */
export const NETWORK_NAMES: readonly NetworkName[] = Object.freeze([
  'main',
  'test',
  'testnet4',
  'signet',
  'regtest',
  'local',
]);

/** The network of that name with nothing changed. */
export function createNetworkParams(name: NetworkName): ChainParams {
  return CREATORS[name]();
}

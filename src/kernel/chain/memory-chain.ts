// A chain in memory: everything a chain is, over ports that last as long as their process. For tests, for the simulator, for
// programs that want a ledger of their own inside them.

import type { ChainParams } from '../consensus/params.ts';
import type { Secp256k1 } from '../crypto/secp256k1.ts';
import { nobleSecp256k1 } from '../crypto/secp256k1-noble.ts';
import { InputVerifier } from '../script/verify.ts';
import { createRng } from '../util/prng.ts';
import type { ChainPorts } from './chain-open.ts';
import { Chainstate, type ChainstateOptions } from './chainstate.ts';
import { InlineVerifier } from './inline-verifier.ts';
import { MemoryFolder } from './memory-folder.ts';
import { MemoryKv } from './memory-kv.ts';
import { MemorySnapshot } from './memory-snapshot.ts';

/** Ports in memory. `seed` determines every salt: the same program with the same seed does the same. */
export function createMemoryPorts(secp: Secp256k1 = nobleSecp256k1, seed = 1): ChainPorts {
  return {
    indexStore: new MemoryKv(),
    coinsStore: new MemoryKv(),
    snapshots: new MemorySnapshot(),
    blockFolder: new MemoryFolder(),
    verifier: new InlineVerifier(new InputVerifier(secp)),
    secp,
    rng: createRng(seed),
  };
}

/**
 * Opens an empty chain in memory.
 *
 * @example
 * const chain = await openMemoryChain(createRegtestParams());
 * await chain.submitBlock(block, nowSec);
 */
export function openMemoryChain(
  params: ChainParams,
  options: Partial<ChainstateOptions> = {},
  ports: ChainPorts = createMemoryPorts(),
): Promise<Chainstate> {
  return Chainstate.open({ ...options, params }, ports);
}

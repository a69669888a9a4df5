// The whole way of a generated chain in small: from a file into a chain, and the coins compared with the independent replay.

import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { importFile } from '../../src/kernel/chain/block-import.ts';
import { createMemoryPorts, openMemoryChain } from '../../src/kernel/chain/memory-chain.ts';
import { OBFUSCATION_KEY_BYTES, Obfuscation } from '../../src/kernel/chain/obfuscation.ts';
import { computeUtxoStats } from '../../src/kernel/chain/utxo-hash.ts';
import { createRegtestParams } from '../../src/kernel/consensus/networks/regtest.ts';
import { formatHash } from '../../src/kernel/primitives/hashes.ts';
import { reversedBytes, toHex } from '../../src/kernel/util/bytes.ts';
import { createRng } from '../../src/kernel/util/prng.ts';
import { NodeFolder } from '../../src/platform/node/folder.ts';
import { loadSecp256k1 } from '../../src/platform/node/secp256k1.ts';
import { replayFile } from '../model/ledger-replay.ts';
import { writeChainFile } from './chain-file.ts';

/** A time after every block of the chain. */
const NOW_SEC = 1_700_000_000;

test('a generated chain imported from its file leaves the coins of the independent replay', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'chain-import-'));
  try {
    const { backend } = loadSecp256k1();
    const { path } = writeChainFile(join(folder, 'chain.dat'), { transactions: 1500, seed: 4, secp: backend });
    const params = createRegtestParams();
    const chain = await openMemoryChain(params, { coinsCacheBytes: 100_000 }, createMemoryPorts(backend));
    const noKey = new Obfuscation(new Uint8Array(OBFUSCATION_KEY_BYTES));
    const imported = await chain.import(
      () => NOW_SEC,
      (target) => importFile(new NodeFolder(folder), 'chain.dat', noKey, { params, target, rng: createRng(2) }),
    );
    await chain.flush(NOW_SEC);
    const replay = replayFile(path);
    assert.equal(imported.foundCount, replay.height + 1);
    assert.equal(chain.height, replay.height);
    assert.equal(formatHash(chain.tipHash), replay.tipHash);
    const stats = await computeUtxoStats(chain.state.coins, { serialized: true, muhash: true });
    assert.equal(stats.coinCount, replay.coinCount);
    assert.equal(BigInt(stats.totalSat), replay.totalSat);
    assert.equal(toHex(reversedBytes(stats.hashSerialized3!)), replay.hashSerialized);
    assert.equal(toHex(reversedBytes(stats.muhash!)), replay.muhash);
    await chain.close(NOW_SEC);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

// A node killed at random moments, over and over, while it imports: it always starts again by itself, and in the end its coins are
// those of an independent replay. Thirty kills here; `npm run nightly:kills` asks for five hundred.

import assert from 'node:assert/strict';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { createRng } from '../../src/kernel/util/prng.ts';
import { writeChainFile } from '../bench/chain-file.ts';
import { replayFile } from '../model/ledger-replay.ts';
import { run, start, withFolder } from './programs.ts';

/** Kills in all, and the seed of their moments. */
const KILLS = Number(process.env['TALLY_KILLS'] ?? 30);
const SEED = Number(process.env['TALLY_SEED'] ?? 1);

/** The latest moment of a kill after the start: an import of the chain below takes about as long. */
const KILL_MS_MAX = 1500;

/** After so many kills the node may finish, is compared with the replay, and begins anew. */
const KILLS_PER_LIFE = 6;

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** Lets the node finish, and compares its coins. */
async function finishAndCompare(args: readonly string[], datadir: string, expected: string): Promise<void> {
  const { code, stdout, stderr } = await run('tallyd', [...args, '-stopafterblockimport']);
  assert.deepEqual([code, stderr], [0, ''], stdout);
  const hash = await run('tally', ['utxohash', '-regtest', datadir]);
  assert.match(hash.stdout, new RegExp(`hash_serialized_3 +${expected}`), hash.stdout + hash.stderr);
}

test(`S01: killed ${KILLS} times at random moments, a node starts again by itself and ends with the right coins`, async (context) => {
  await withFolder(async (folder) => {
    const file = join(folder, 'chain.dat');
    writeChainFile(file, { transactions: 3000, seed: 7 });
    const expected = replayFile(file).hashSerialized;
    const rng = createRng(SEED);
    for (let kills = 0; kills < KILLS; ) {
      const datadir = `-datadir=${folder}`;
      const args = ['-regtest', datadir, `-loadblock=${file}`, '-dbcache=4', '-assumevalid=0'];
      for (let i = 0; i < KILLS_PER_LIFE && kills < KILLS; i++, kills++) {
        const node = start('tallyd', args);
        await pause(rng.below(KILL_MS_MAX));
        node.signal('SIGKILL');
        const { code, stderr } = await node.ended;
        assert.equal(code, null, `ended by itself before the kill: ${stderr}`);
      }
      await finishAndCompare(args, datadir, expected);
      rmSync(join(folder, 'regtest'), { recursive: true });
    }
    context.diagnostic(`${KILLS} kills, seed ${SEED}`);
  });
});

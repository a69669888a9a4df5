// A node as a process under clocks that are wrong: in other time zones, jumping between two runs, running fast and coarse. The wall
// clock is exchanged inside the process, before its program begins.

import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { skipWithout, vectorsPath } from '../vectors/folder.ts';
import { readUtxoHash, runNode, runNodeToError } from './node.ts';
import { withFolder } from './programs.ts';

/** Blocks 0 to 438 of the main network, of January 2009. */
const RUN = join(vectorsPath(), 'blocks/mainnet/runs/first-100k-blocks.dat');

const IMPORT: readonly string[] = [`-loadblock=${RUN}`, '-stopafterblockimport'];

const TEN_YEARS_MS = 10 * 365 * 86_400_000;

function clockTest(name: string, body: (folder: string) => Promise<void>): void {
  test(name, async (context) => {
    if (existsSync(RUN)) await withFolder(body);
    else skipWithout(context, RUN);
  });
}

/** Milliseconds since 1970 of each line of a log. */
function readTimes(stdout: string): readonly number[] {
  return stdout
    .trimEnd()
    .split('\n')
    .map((line) => {
      const time = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ /.exec(line)?.[0];
      assert.ok(time, line);
      return Date.parse(time.trim());
    });
}

clockTest('T04: logs are in UTC in every time zone', async (folder) => {
  const dates = new Set<string>();
  for (const [i, zone] of ['Asia/Kathmandu', 'America/St_Johns', 'Pacific/Kiritimati', 'Europe/Berlin'].entries()) {
    const before = Date.now();
    const args = i === 0 ? IMPORT : ['-reindex-chainstate', '-stopafterblockimport'];
    const stdout = await runNode(folder, args, { env: { TZ: zone } });
    for (const time of readTimes(stdout)) assert.ok(time > before - 2000 && time < Date.now() + 1000, zone);
    const tips = [...stdout.matchAll(/ UpdateTip: .* (date='[^']*')/g)].map(([, date]) => date!);
    assert.equal(tips[0], "date='2009-01-09T02:54:25Z'");
    dates.add(tips.join());
  }
  assert.equal(dates.size, 1);
});

const FROM_THE_FUTURE =
  "The block database contains a block which appears to be from the future. This may be due to your computer's date and time being " +
  "set incorrectly. Only rebuild the block database if you are sure that your computer's date and time are correct.\n" +
  'Please restart with -reindex or -reindex-chainstate to recover.\n';

clockTest(
  'T02: a block database from the future is told at start, changes nothing, and is forgotten',
  async (folder) => {
    await runNode(folder, IMPORT);
    const whole = await readUtxoHash(folder);
    for (const clock of ['now - now', '1230940800000 /* 3 January 2009 */']) {
      const error = await runNodeToError(folder, ['-stopafterblockimport'], { clock });
      // Core's words, to the letter: the clock comes first, and rebuilding is for who is sure of it.
      assert.equal(error, FROM_THE_FUTURE);
    }
    for (const clock of [`now + ${TEN_YEARS_MS}`, 'now + 3 * 3600000', 'now - 3 * 3600000']) {
      const stdout = await runNode(folder, IMPORT, { clock });
      assert.match(stdout, / Best chain: height=438 /);
    }
    assert.equal(await readUtxoHash(folder), whole);
  },
);

clockTest('T02: blocks from the future are refused for now only', async (folder) => {
  const early = await runNode(folder, IMPORT, { clock: '1231500000000 /* 9 January 2009, 11:20 */' });
  assert.match(early, / Invalid block [0-9a-f]{64}: time-too-new/);
  const height = Number(/ Best chain: height=(\d+) /.exec(early)?.[1]);
  assert.ok(height > 0 && height < 438, `height ${height}`);
  assert.match(await runNode(folder, IMPORT), / Best chain: height=438 /);
});

clockTest('T04: a clock that runs twice as fast and knows only whole seconds changes nothing', async (folder) => {
  const epoch = Date.now();
  const clock = `Math.floor((${epoch} + 2 * (now - ${epoch})) / 1000) * 1000`;
  const stdout = await runNode(folder, [...IMPORT, '-assumevalid=0'], { clock });
  assert.match(stdout, / Best chain: height=438 /);
  assert.equal(/NaN|Infinity/.test(stdout), false);
  const times = readTimes(stdout);
  assert.deepEqual(times, [...times].sort());
  const again = await runNode(folder, ['-stopafterblockimport'], { clock: `${epoch}` });
  assert.match(again, / Best chain: height=438 /);
});

// A node as a process: it imports real blocks from a file, stops in order, goes on where it was, and says clearly why it cannot.
// The expected hashes were computed once from the file by an independent program in another language.

import assert from 'node:assert/strict';
import { appendFileSync, cpSync, existsSync, mkdirSync, readFileSync, rmSync, statSync, truncateSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { absenceNotice, areVectorsRequired, vectorsPath } from '../vectors/folder.ts';
import { run, start, withFolder } from './programs.ts';

/** Blocks 0 to 438 of the main network. */
const RUN = join(vectorsPath(), 'blocks/mainnet/runs/first-100k-blocks.dat');

const TIP = '0000000025c6b644f8add734be7e666fa4afa43ca0204d623a0c0b1fd2104c7a';

const UTXO_HASH = `chain              main
height             438
bestblock          ${TIP}
transactions       442
txouts             443
total_amount       21900.00000000
hash_serialized_3  3790edaecd696a0879c5b6f1d2a9bdf8af69b28706517a960c7dd58ec8bd67fa
muhash             bbfed8c011991c30706e507a56d7e7f13f509a4ba66038253a179d4bcd7112a1
`;

function chainTest(name: string, body: (folder: string) => Promise<void>): void {
  test(name, async (context) => {
    if (!existsSync(RUN)) {
      assert.ok(!areVectorsRequired(), absenceNotice(RUN));
      context.skip(absenceNotice(RUN));
      return;
    }
    await withFolder(body);
  });
}

/** Runs tallyd to its end and expects that it was content. */
async function runNode(folder: string, ...args: readonly string[]): Promise<string> {
  const { code, stdout, stderr } = await run('tallyd', [`-datadir=${folder}`, ...args]);
  assert.deepEqual([code, stderr], [0, ''], stdout);
  return stdout;
}

async function runNodeToError(folder: string, ...args: readonly string[]): Promise<string> {
  const { code, stderr } = await run('tallyd', [`-datadir=${folder}`, ...args]);
  assert.equal(code, 1, stderr);
  return stderr;
}

const importRun = (folder: string, ...args: readonly string[]): Promise<string> =>
  runNode(folder, `-loadblock=${RUN}`, '-stopafterblockimport', ...args);

async function readUtxoHash(folder: string, ...args: readonly string[]): Promise<string> {
  const { code, stdout, stderr } = await run('tally', ['utxohash', `-datadir=${folder}`, ...args]);
  assert.deepEqual([code, stderr], [0, '']);
  return stdout;
}

chainTest('blocks 0 to 438 of the main network are imported, and the coins are those of a replay', async (folder) => {
  const stdout = await importRun(folder, '-assumevalid=0');
  const updates = stdout.split('\n').filter((line) => line.includes(' UpdateTip: '));
  assert.equal(updates.length, 438);
  assert.ok(updates.at(-1)?.includes(` new best=${TIP} height=438 version=0x00000001 log2_work=40.778`));
  assert.match(stdout, / Best chain: height=438 hashBestChain=0000000025c6b644/);
  assert.equal(await readUtxoHash(folder), UTXO_HASH);

  const log = join(folder, 'debug.log');
  assert.equal(readFileSync(log, 'utf8'), `\n\n\n\n\n${stdout}`);
  assert.equal(statSync(log).mode & 0o777, 0o600);
  assert.equal(existsSync(join(folder, 'wallets')), false);
});

chainTest('a second start finds everything, checks it, and imports nothing twice', async (folder) => {
  await importRun(folder);
  const stdout = await importRun(folder, '-checkblocks=0', '-checklevel=4');
  assert.match(stdout, / Verification: checked last 438 blocks at level 4\n/);
  assert.match(stdout, / Loaded 0 blocks from external file\n/);
  assert.equal(stdout.includes('UpdateTip'), false);
});

chainTest('a new network folder gets wallets/, and folders belong to their owner alone', async (folder) => {
  await runNode(folder, '-regtest', '-stopafterblockimport');
  for (const name of ['regtest', 'regtest/wallets', 'regtest/blocks', 'regtest/blocks/index', 'regtest/chainstate']) {
    assert.equal(statSync(join(folder, name)).mode & 0o777, 0o700, name);
  }
});

chainTest('a second process on the same folder is turned away, the first goes on (S09)', async (folder) => {
  const first = start('tallyd', [`-datadir=${folder}`, '-regtest', '-printtoconsole']);
  await first.saying('Done loading');
  const network = join(folder, 'regtest');
  const sentence = `Error: Cannot obtain a lock on directory ${network}. Tallystick is probably already running.\n`;
  assert.equal(await runNodeToError(folder, '-regtest'), sentence);
  const client = await run('tally', ['-regtest', `-datadir=${folder}`, 'utxohash']);
  assert.deepEqual([client.code, client.stderr], [1, sentence]);
  first.signal('SIGTERM');
  const { code, stdout, stderr } = await first.ended;
  assert.deepEqual([code, stderr], [0, '']);
  assert.match(stdout, / Shutdown in progress\.\.\.\n.* Shutdown done\n$/);
});

chainTest(
  'a killed process leaves no lock behind, and a signal during an import loses nothing (S09, S12)',
  async (folder) => {
    const args = [`-datadir=${folder}`, `-loadblock=${RUN}`];
    const killed = start('tallyd', args);
    await killed.saying('height=100 ');
    killed.signal('SIGKILL');
    assert.equal((await killed.ended).code, null);

    const interrupted = start('tallyd', args);
    await interrupted.saying('UpdateTip');
    interrupted.signal('SIGINT');
    const { code, stderr } = await interrupted.ended;
    assert.deepEqual([code, stderr], [0, '']);

    await importRun(folder);
    assert.equal(await readUtxoHash(folder), UTXO_HASH);
  },
);

chainTest('-reindex and -reindex-chainstate build the same again, also from read-only files (S12)', async (folder) => {
  await importRun(folder);
  const reindexed = await runNode(folder, '-reindex', '-stopafterblockimport');
  assert.match(reindexed, / Reindexing block file blk00000\.dat \(0% complete\)\.\.\.\n/);
  assert.match(reindexed, / Reindexing finished\n/);
  assert.equal(await readUtxoHash(folder), UTXO_HASH);
  const rebuilt = await runNode(folder, '-reindex-chainstate', '-stopafterblockimport');
  assert.equal(rebuilt.match(/UpdateTip/g)?.length, 438);
  assert.equal(await readUtxoHash(folder), UTXO_HASH);
});

chainTest(
  'block files without an index and coins are taken over, coins without an index are not (S08)',
  async (folder) => {
    await importRun(folder);
    const copy = join(folder, 'copy');
    mkdirSync(join(copy, 'blocks'), { recursive: true });
    for (const name of ['blk00000.dat', 'xor.dat']) {
      cpSync(join(folder, 'blocks', name), join(copy, 'blocks', name));
    }
    assert.match(await runNode(copy, '-stopafterblockimport'), /Found block files without an index/);
    assert.equal(await readUtxoHash(copy), UTXO_HASH);

    rmSync(join(folder, 'blocks', 'index'), { recursive: true });
    const error = await runNodeToError(folder);
    assert.match(error, /^Error: Error loading block database: the block index is gone/);
    assert.match(error, /Please restart with -reindex /);
    await runNode(folder, '-reindex', '-stopafterblockimport');
    assert.equal(await readUtxoHash(folder), UTXO_HASH);
  },
);

chainTest('a block file that is gone or cut short is named, with what to do (S08)', async (folder) => {
  await importRun(folder);
  const path = join(folder, 'blocks', 'blk00000.dat');
  truncateSync(path, statSync(path).size - 100);
  const cut = await runNodeToError(folder);
  assert.match(cut, /^Error: .*\n.*blk00000\.dat.*\n.*-reindex/);
  rmSync(path);
  assert.match(await runNodeToError(folder), /^Error: .*\n?.*blk00000\.dat is missing/);
});

chainTest('-stopatheight stops at that height, and the next start goes on from there', async (folder) => {
  const stdout = await runNode(folder, `-loadblock=${RUN}`, '-stopatheight=100');
  assert.match(stdout, / Best chain: height=100 /);
  assert.match(await readUtxoHash(folder), /^height {13}100$/m);
  assert.match(await importRun(folder), / Best chain: height=438 /);
});

chainTest('a full disk stops the node in order, and nothing is lost once there is room (S05)', async (folder) => {
  const args = [`-datadir=${folder}`, `-loadblock=${RUN}`, '-stopafterblockimport'];
  const { code, stderr } = await run('tallyd', args, { fileBytesMax: 65_536 });
  assert.equal(code, 1);
  assert.match(stderr, /^Error: A fatal internal error occurred, see debug\.log for details: Disk space is too low!\n/);
  assert.match(stderr, /blk00000\.dat/);
  await importRun(folder);
  assert.equal(await readUtxoHash(folder), UTXO_HASH);
});

chainTest('garbage in a file of blocks is passed over, and a file that is not there is named (S12)', async (folder) => {
  const file = join(folder, 'garbage.dat');
  appendFileSync(file, 'garbage');
  appendFileSync(file, readFileSync(RUN));
  appendFileSync(file, 'more');
  await runNode(folder, `-loadblock=${file}`, '-stopafterblockimport');
  assert.equal(await readUtxoHash(folder), UTXO_HASH);
  const missing = join(folder, 'missing.dat');
  assert.equal(await runNodeToError(folder, `-loadblock=${missing}`), `Error: Could not open blocks file ${missing}\n`);
});

chainTest('the folder of another network is refused (S10)', async (folder) => {
  await runNode(folder, '-regtest', '-stopafterblockimport');
  const error = await runNodeToError(join(folder, 'regtest'));
  assert.match(error, /^Error: Incorrect or no genesis block found\. Wrong datadir for network\?\n/);
});

chainTest('a folder that has a key keeps it', async (folder) => {
  await runNode(folder, '-regtest', '-stopafterblockimport');
  const error = await runNodeToError(folder, '-regtest', '-blocksxor=0');
  assert.match(error, /^Error: The blocksdir XOR-key can not be disabled when a random key was already stored!/);
});

chainTest('the ledger that tally is asked about must be there', async (folder) => {
  const { code, stderr } = await run('tally', ['utxohash', '-signet', `-datadir=${folder}`]);
  assert.equal(code, 1);
  assert.match(stderr, /^Error: There is no ledger of network signet in .*signet\.\n/);
  assert.equal(existsSync(join(folder, 'signet')), false);
});

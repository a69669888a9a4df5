// A node as a process: it imports real blocks from a file, stops in order, goes on where it was, and says clearly why it cannot.
// The expected hashes were computed once from the file by an independent program in another language.

import assert from 'node:assert/strict';
import {
  appendFileSync,
  chmodSync,
  chownSync,
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  truncateSync,
} from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { writeChainFile } from '../bench/chain-file.ts';
import { readBlockRecords, replayFile } from '../model/ledger-replay.ts';
import { absenceNotice, areVectorsRequired, vectorsPath } from '../vectors/folder.ts';
import { assertFactsOfReplay, readUtxoFacts, readUtxoHash, runNode, runNodeToError, writeBlockFile } from './node.ts';
import { run, start, withFolder } from './programs.ts';
import { withSignetFile } from './signet-file.ts';

/** Blocks 0 to 438 of the main network. */
const RUN = join(vectorsPath(), 'blocks/mainnet/runs/first-100k-blocks.dat');

const MAIN_MAGIC = 'f9beb4d9';

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

const importRun = (folder: string, ...args: readonly string[]): Promise<string> =>
  runNode(folder, [`-loadblock=${RUN}`, '-stopafterblockimport', ...args]);

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

test('blocks 0 to 120 of signet are imported, and the coins are those of a replay', async (context) => {
  await withSignetFile(context, async (folder, file) => {
    const args = ['-signet', `-loadblock=${file}`, '-stopafterblockimport'];
    const stdout = await runNode(folder, [...args, '-assumevalid=0']);
    assert.equal(stdout.match(/ UpdateTip: /g)?.length, 120);
    assertFactsOfReplay(await readUtxoFacts(folder, ['-signet']), replayFile(file));
  });
});

chainTest('a second start finds everything, checks it, and imports nothing twice', async (folder) => {
  await importRun(folder);
  const stdout = await importRun(folder, '-checkblocks=0', '-checklevel=4');
  assert.match(stdout, / Verification: checked last 438 blocks at level 4\n/);
  assert.match(stdout, / Loaded 0 blocks from external file\n/);
  assert.equal(stdout.includes('UpdateTip'), false);
});

chainTest('who reads slowly gets everything that was said', async (folder) => {
  const args = [`-loadblock=${RUN}`, '-stopafterblockimport'];
  const stdout = await runNode(folder, args, { readsAfterMs: 3000 });
  // more than a pipe holds
  assert.ok(stdout.length > 65_536);
  assert.equal(stdout.match(/UpdateTip/g)?.length, 438);
  assert.match(stdout, / Shutdown done\n$/);
});

chainTest('a new network folder gets wallets/, and folders belong to their owner alone', async (folder) => {
  await runNode(folder, ['-regtest', '-stopafterblockimport']);
  for (const name of ['regtest', 'regtest/wallets', 'regtest/blocks', 'regtest/blocks/index', 'regtest/chainstate']) {
    assert.equal(statSync(join(folder, name)).mode & 0o777, 0o700, name);
  }
});

chainTest('all but four folders are plain files, and a copy of a stopped node starts elsewhere', async (folder) => {
  const original = join(folder, 'original');
  mkdirSync(original);
  await runNode(original, [`-loadblock=${RUN}`, '-stopafterblockimport']);
  const places = readdirSync(original, { withFileTypes: true });
  const folders = places.filter((place) => !place.isFile()).map((place) => place.name);
  assert.deepEqual(folders.sort(), ['blocks', 'chainstate']);
  assert.ok(places.some((place) => place.name === '.lock' && place.isFile()));
  const copy = join(folder, 'copy');
  cpSync(original, copy, { recursive: true });
  rmSync(original, { recursive: true });
  assert.match(await runNode(copy, ['-stopafterblockimport']), / Best chain: height=438 /);
  assert.equal(await readUtxoHash(copy), UTXO_HASH);
});

chainTest('a second process on the same folder is turned away, the first goes on (S09)', async (folder) => {
  const first = start('tallyd', [`-datadir=${folder}`, '-regtest', '-printtoconsole']);
  await first.saying('Done loading');
  const network = join(folder, 'regtest');
  const sentence = `Error: Cannot obtain a lock on directory ${network}. Tallystick is probably already running.\n`;
  assert.equal(await runNodeToError(folder, ['-regtest']), sentence);
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

chainTest('-reindex and -reindex-chainstate build the same again (S12)', async (folder) => {
  await importRun(folder);
  const reindexed = await runNode(folder, ['-reindex', '-stopafterblockimport']);
  assert.match(reindexed, / Reindexing block file blk00000\.dat \(0% complete\)\.\.\.\n/);
  assert.match(reindexed, / Reindexing finished\n/);
  assert.equal(await readUtxoHash(folder), UTXO_HASH);
  const rebuilt = await runNode(folder, ['-reindex-chainstate', '-stopafterblockimport']);
  assert.equal(rebuilt.match(/UpdateTip/g)?.length, 438);
  assert.equal(await readUtxoHash(folder), UTXO_HASH);
});

/** A user who owns nothing but what is given to them, to whom permissions apply when the tests run as root. */
const NOBODY = 65_534;

chainTest(
  'files that may only be read are imported and reindexed, and refuse more blocks by name (S12)',
  async (folder) => {
    const isRoot = process.getuid?.() === 0;
    const user = isRoot ? { userId: NOBODY } : {};
    const own = (path: string): void => {
      if (isRoot) chownSync(path, NOBODY, NOBODY);
    };
    own(folder);
    const source = join(folder, 'source');
    mkdirSync(source);
    const blocks = [...readBlockRecords(RUN)];
    for (const [name, count] of [
      ['first.dat', 301],
      ['all.dat', 439],
    ] as const) {
      writeBlockFile(join(source, name), MAIN_MAGIC, blocks.slice(0, count));
      own(join(source, name));
      chmodSync(join(source, name), 0o400);
    }
    own(source);
    chmodSync(source, 0o500);
    const data = join(folder, 'data');
    mkdirSync(data);
    own(data);
    const importArgs = (name: string): string[] => [`-loadblock=${join(source, name)}`, '-stopafterblockimport'];
    await runNode(data, importArgs('first.dat'), user);

    const path = join(data, 'blocks', 'blk00000.dat');
    chmodSync(path, 0o400);
    const before = readFileSync(path);
    const reindexed = await runNode(data, ['-reindex', '-stopafterblockimport'], user);
    assert.match(reindexed, / Reindexing finished\n/);
    const rebuilt = await runNode(data, ['-reindex-chainstate', '-stopafterblockimport'], user);
    assert.equal(rebuilt.match(/UpdateTip/g)?.length, 300);
    assert.deepEqual(readFileSync(path), before);

    const error = await runNodeToError(data, importArgs('all.dat'), user);
    assert.match(error, /^Error: A fatal internal error occurred, .*Cannot write to .*blk00000\.dat/);
    chmodSync(path, 0o600);
    await runNode(data, importArgs('all.dat'), user);
    assert.equal(await readUtxoHash(data), UTXO_HASH);
  },
);

chainTest('a block file of another folder is imported with the key that lies beside it', async (folder) => {
  await importRun(folder);
  const blocks = join(folder, 'blocks');
  assert.notDeepEqual(readFileSync(join(blocks, 'xor.dat')), Buffer.alloc(8));
  // a plain file may lie beside them
  const plain = join(blocks, 'bootstrap.dat');
  cpSync(RUN, plain);
  for (const file of [join(blocks, 'blk00000.dat'), plain]) {
    const other = join(folder, 'other');
    mkdirSync(other);
    const stdout = await runNode(other, [`-loadblock=${file}`, '-stopafterblockimport']);
    assert.match(stdout, / Loaded 438 blocks from external file\n/);
    assert.equal(await readUtxoHash(other), UTXO_HASH);
    rmSync(other, { recursive: true });
  }
});

chainTest('what a crash has torn in a database is mended at start, and told in a sentence (S02)', async (folder) => {
  await importRun(folder);
  for (const name of ['blocks/index', 'chainstate']) {
    const logs = readdirSync(join(folder, name)).filter((file) => file.endsWith('.log'));
    const path = join(folder, name, logs.at(-1)!);
    appendFileSync(path, Buffer.alloc(100, 7));
  }
  const stdout = await runNode(folder, ['-stopafterblockimport', '-debug=leveldb']);
  const told = stdout.split('\n').filter((line) => line.includes(' [warning] '));
  assert.equal(told.length, 2, stdout);
  for (const [i, name] of ['blocks/index', 'chainstate'].entries()) {
    assert.match(
      told[i]!,
      new RegExp(`The last 100 of \\d+ bytes of .*/${name}/\\d+\\.log were torn by a crash and have been`),
    );
  }
  assert.match(stdout, /\[leveldb\] Opened .*chainstate: \d+ tables checked, 0 older ones not\n/);
  assert.equal(await readUtxoHash(folder), UTXO_HASH);
});

test('-prune keeps the files small while blocks come, and at least the last 288 blocks', async () => {
  await withFolder(async (folder) => {
    const file = join(folder, 'chain.dat');
    const { summary } = writeChainFile(file, { transactions: 3800, transactionsPerBlock: 6, seed: 3 });
    // 17 MiB of the target are kept free for what comes next: one MiB is left
    const args = ['-regtest', '-fastprune', '-prune=18', '-stopafterblockimport'];
    const stdout = await runNode(folder, [...args, `-loadblock=${file}`]);
    const prunedAt = stdout.indexOf(' Prune: deleted ');
    assert.ok(prunedAt > 0 && prunedAt < stdout.lastIndexOf(' UpdateTip: '), 'in the middle of the import');
    const blocks = join(folder, 'regtest', 'blocks');
    const sizes = readdirSync(blocks)
      .filter((name) => /^(blk|rev)\d+\.dat$/.test(name))
      .map((name) => statSync(join(blocks, name)).size);
    const bytes = sizes.reduce((sum, size) => sum + size, 0);
    assert.ok(bytes < 2 ** 20 + 2 * 65_536 && Math.max(...sizes) <= 65_536, `${bytes} bytes in ${sizes.length} files`);
    assert.equal(existsSync(join(blocks, 'blk00000.dat')), false);
    assert.equal(existsSync(join(blocks, 'rev00000.dat')), false);
    assert.ok(summary.blockBytes > 1.5 * bytes, `${summary.blockBytes} bytes of blocks`);

    const again = await runNode(folder, [...args, '-checkblocks=288', '-checklevel=3']);
    assert.match(again, / Verification: checked last 288 blocks at level 3\n/);
    assert.equal(again.includes('[warning]'), false);
    const replay = replayFile(file);
    assertFactsOfReplay(await readUtxoFacts(folder, ['-regtest']), replay);

    const unpruned = await runNodeToError(folder, ['-regtest']);
    assert.match(unpruned, /^Error: You need to rebuild the database using -reindex to go back to unpruned mode\./);
    await runNode(folder, [...args, '-reindex', `-loadblock=${file}`]);
    assertFactsOfReplay(await readUtxoFacts(folder, ['-regtest']), replay);
  });
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
    assert.match(await runNode(copy, ['-stopafterblockimport']), /Found block files without an index/);
    assert.equal(await readUtxoHash(copy), UTXO_HASH);

    rmSync(join(folder, 'blocks', 'index'), { recursive: true });
    const advice =
      'Error initializing block database.\nPlease restart with -reindex or -reindex-chainstate to recover.\n';
    assert.equal(await runNodeToError(folder), advice);
    const quiet = await run('tallyd', [`-datadir=${folder}`, '-printtoconsole=0']);
    assert.deepEqual([quiet.code, quiet.stderr], [1, advice]);
    assert.match(
      quiet.stdout,
      /^Error initializing block database: the coins belong to a block that .* or rebuild with -reindex\.\n/,
    );
    await runNode(folder, ['-reindex', '-stopafterblockimport']);
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

chainTest('a database that has lost a table is told by its name, with what to do (S07)', async (folder) => {
  await importRun(folder);
  // What stood in the log of a database is a table from the next start on.
  await runNode(folder, ['-stopafterblockimport']);
  for (const [name, what] of [
    ['chainstate', 'coins'],
    [join('blocks', 'index'), 'block'],
  ] as const) {
    const table = join(folder, name, readdirSync(join(folder, name)).find((file) => file.endsWith('.ldb'))!);
    renameSync(table, `${table}.away`);
    const error = await runNodeToError(folder);
    assert.match(error, new RegExp(`^Error: Error opening ${what} database\\.\n.*\\.ldb is damaged; .* -reindex`));
    renameSync(`${table}.away`, table);
  }
  await runNode(folder, ['-stopafterblockimport']);
});

chainTest('-stopatheight stops at that height, and the next start goes on from there', async (folder) => {
  const stdout = await runNode(folder, [`-loadblock=${RUN}`, '-stopatheight=100']);
  assert.match(stdout, / Best chain: height=100 /);
  assert.match(await readUtxoHash(folder), /^height {13}100$/m);
  assert.match(await importRun(folder), / Best chain: height=438 /);
});

chainTest('a full disk stops the node in order, and nothing is lost once there is room (S05)', async (folder) => {
  const args = [`-datadir=${folder}`, `-loadblock=${RUN}`, '-stopafterblockimport'];
  const { code, stdout, stderr } = await run('tallyd', args, { fileBytesMax: 65_536 });
  const sentence = 'A fatal internal error occurred, see debug.log for details: Disk space is too low!';
  assert.deepEqual([code, stderr], [1, `Error: ${sentence}\n`]);
  assert.match(stdout, /Disk space is too low!\n.*blk00000\.dat.*\nFree some space, then start again/);
  await importRun(folder);
  assert.equal(await readUtxoHash(folder), UTXO_HASH);
});

chainTest('garbage in a file of blocks is passed over, and a file that is not there is named (S12)', async (folder) => {
  const file = join(folder, 'garbage.dat');
  appendFileSync(file, 'garbage');
  appendFileSync(file, readFileSync(RUN));
  appendFileSync(file, 'more');
  await runNode(folder, [`-loadblock=${file}`, '-stopafterblockimport']);
  assert.equal(await readUtxoHash(folder), UTXO_HASH);
  const missing = join(folder, 'missing.dat');
  assert.equal(
    await runNodeToError(folder, [`-loadblock=${missing}`]),
    `Error: Could not open blocks file ${missing}\n`,
  );
});

chainTest('the folder of another network is refused (S10)', async (folder) => {
  await runNode(folder, ['-regtest', '-stopafterblockimport']);
  const error = await runNodeToError(join(folder, 'regtest'));
  assert.match(error, /^Error: Incorrect or no genesis block found\. Wrong datadir for network\?\n/);
});

chainTest('a folder that has a key keeps it', async (folder) => {
  await runNode(folder, ['-regtest', '-stopafterblockimport']);
  const error = await runNodeToError(folder, ['-regtest', '-blocksxor=0']);
  assert.match(error, /^Error: The blocksdir XOR-key can not be disabled when a random key was already stored!/);
});

chainTest('the ledger that tally is asked about must be there', async (folder) => {
  const { code, stderr } = await run('tally', ['utxohash', '-signet', `-datadir=${folder}`]);
  assert.equal(code, 1);
  assert.match(stderr, /^Error: There is no ledger of network signet in .*signet\.\n/);
  assert.equal(existsSync(join(folder, 'signet')), false);
});

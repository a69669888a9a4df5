// Nodes as processes that know nothing of each other but an address: they fetch the whole ledger, follow the branch with the most
// work, and come to the same coins, whoever is cut off, killed, or has mined apart. Blocks come from a peer of the test, since
// nodes do not mine; what the nodes have in the end is compared with an independent replay.

import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { createRegtestParams } from '../../src/kernel/consensus/networks/regtest.ts';
import type { Block } from '../../src/kernel/primitives/block.ts';
import { parseHost } from '../../src/node/wire/net-address.ts';
import { AddressList, InventoryList } from '../../src/node/wire/packed-lists.ts';
import { MSG_WITNESS_BLOCK, NODE_NETWORK_LIMITED, NODE_P2P_V2, NODE_WITNESS } from '../../src/node/wire/protocol.ts';
import { replayFile } from '../model/ledger-replay.ts';
import { RawListener, RawPeer } from '../p2p/raw-peer.ts';
import { skipWithout, vectorsPath } from '../vectors/folder.ts';
import { BlockSource } from './block-source.ts';
import { Cable } from './cable.ts';
import { createYoungBranch, NetworkNode, replayBlocks } from './network-programs.ts';
import { assertFactsOfReplay, readUtxoFacts, runNodeToError, writeBlockFile } from './node.ts';
import { withFolder } from './programs.ts';
import { findFreePort } from './rpc-client.ts';
import { withSignetFile } from './signet-file.ts';

const REGTEST = ['-regtest'];
const REGTEST_MAGIC = 'fabfb5da';

const params = createRegtestParams();

const connectTo = (...places: readonly { readonly port: number }[]): string[] =>
  places.map(({ port }) => `-connect=127.0.0.1:${port}`);

/** Nodes below one folder, all of which are stopped in the end, whatever happens. */
class Village {
  readonly #folder: string;
  readonly #nodes: Map<string, NetworkNode> = new Map();
  readonly #closers: (() => void)[] = [];

  constructor(folder: string) {
    this.#folder = folder;
  }

  async start(name: string, args: readonly string[] = []): Promise<NetworkNode> {
    const node = await NetworkNode.start(join(this.#folder, name), [...REGTEST, ...args]);
    this.#nodes.set(name, node);
    return node;
  }

  async lay(target: { readonly port: number }, bytesPerSec?: number): Promise<Cable> {
    const cable = await Cable.lay(target.port, bytesPerSec);
    this.#closers.push(() => cable.close());
    return cable;
  }

  async source(blocks: readonly Block[], node: NetworkNode): Promise<BlockSource> {
    const source = new BlockSource(params, blocks);
    this.#closers.push(() => source.close());
    await source.dial(node.port);
    return source;
  }

  get nodes(): readonly NetworkNode[] {
    return [...this.#nodes.values()];
  }

  /** Stops everybody in order. */
  async stopAll(): Promise<void> {
    await Promise.all(this.nodes.map((node) => node.stop()));
  }

  /** To be called at the very end, after a failure too. */
  abandon(): void {
    for (const close of this.#closers) close();
    for (const node of this.nodes) node.process.signal('SIGKILL');
  }
}

async function withVillage(use: (village: Village, folder: string) => Promise<void>): Promise<void> {
  await withFolder(async (folder) => {
    const village = new Village(folder);
    try {
      await use(village, folder);
    } finally {
      village.abandon();
    }
  });
}

/** Asks a node for a block, and returns its bytes as hexadecimal. */
async function fetchBlock(peer: RawPeer, block: Block): Promise<string> {
  peer.send({ type: 'getdata', items: InventoryList.of([{ type: MSG_WITNESS_BLOCK, hash: block.header.blockHash }]) });
  const answer = await peer.expect('block');
  return Buffer.from(answer.block.serialized()).toString('hex');
}

const bytesOf = (block: Block): string => Buffer.from(block.serialized()).toString('hex');

test('five nodes agree: one joins from zero, one is cut off, one is killed in mid-download, two halves mine apart', async (context) => {
  await withVillage(async (village) => {
    const branch = createYoungBranch(600);
    const a = await village.start('a');
    const source = await village.source(branch.blocks, a);
    const [b, cable] = await Promise.all([village.start('b', connectTo(a)), village.lay(a)]);
    const c = await village.start('c', connectTo(cable));
    const border = await village.lay(b);
    const d = await village.start('d', connectTo(border));
    await Promise.all([a, b, c, d].map((node) => node.reaches(branch.tip)));

    await context.test('one that is killed in mid-download goes on from there', async () => {
      const slow = await village.lay(d, 100_000);
      const young = await village.start('e', connectTo(slow));
      await young.reachesHeight(200);
      await young.kill();
      assert.ok(young.heightSaid < 600, `killed at height ${young.heightSaid}`);
      const again = await village.start('e', connectTo(d));
      await again.reaches(branch.tip);
    });

    await context.test('one that was cut off for 50 blocks comes back', async () => {
      cable.cut();
      source.extend(branch.mineMany(50));
      const others = village.nodes.filter((node) => node !== c);
      await Promise.all(others.map((node) => node.reaches(branch.tip)));
      assert.equal(c.heightSaid, 600);
      cable.mend();
      await c.reaches(branch.tip);
    });

    await context.test('two halves that mined apart meet, and the losing blocks are stale, not lost', async () => {
      border.cut();
      const [, , , , e] = village.nodes;
      const other = branch.fork();
      const stale = branch.mineMany(30);
      source.extend(stale);
      const winners = other.mineMany(31);
      const rival = await village.source(other.blocks.slice(0, -31), d);
      rival.extend(winners);
      await Promise.all([a, b, c].map((node) => node.reaches(branch.tip)));
      await Promise.all([d, e!].map((node) => node.reaches(other.tip)));
      border.mend();
      await Promise.all(village.nodes.map((node) => node.reaches(other.tip)));
      const asker = await RawPeer.connect(a.port);
      await asker.handshake();
      assert.equal(await fetchBlock(asker, stale.at(-1)!), bytesOf(stale.at(-1)!));
      assert.equal(await fetchBlock(asker, winners.at(-1)!), bytesOf(winners.at(-1)!));
      asker.close();

      const said = c.process.stdout();
      assert.match(said, / Synchronizing blockheaders, height: 600 \(~\d+\.\d\d%\)\n/);
      assert.match(said, / Leaving InitialBlockDownload \(latching to false\)\n/);
      assert.equal(village.nodes.map((node) => / \[(warning|error)\] /.exec(node.process.stdout())).join(''), '');

      const folders = village.nodes.map(({ folder }) => folder);
      await village.stopAll();
      const replay = replayBlocks(other);
      assert.equal(replay.height, 681);
      for (const folder of folders) assertFactsOfReplay(await readUtxoFacts(folder, REGTEST), replay);
    });
  });
});

test('a node whose only peer is killed in mid-download goes on when it is back', async () => {
  await withVillage(async (village, folder) => {
    const branch = createYoungBranch(500);
    const file = join(folder, 'chain.dat');
    writeBlockFile(
      file,
      REGTEST_MAGIC,
      [params.genesis, ...branch.blocks].map((block) => block.serialized()),
    );
    // A port that nobody is given while the node is away.
    const place = [`-bind=127.0.0.1:${await findFreePort()}`, `-loadblock=${file}`];
    const first = await village.start('server', place);
    const slow = await village.lay(first, 100_000);
    const joiner = await village.start('joiner', connectTo(slow));
    await joiner.reachesHeight(100);
    await first.kill();
    assert.ok(joiner.heightSaid < 500, `at height ${joiner.heightSaid}`);
    // what it imported was in memory alone: it imports it again
    await village.start('server', place);
    await joiner.reaches(branch.tip);
    await village.stopAll();
    assertFactsOfReplay(await readUtxoFacts(joiner.folder, REGTEST), replayBlocks(branch));
  });
});

/** One node imports a file, another gets the chain from it over the network; both have the coins of a replay. */
async function syncRun(chainArgs: readonly string[], file: string): Promise<void> {
  await withFolder(async (folder) => {
    const replay = replayFile(file);
    const args = [...chainArgs, '-minimumchainwork=0', '-assumevalid=0'];
    const nodes: NetworkNode[] = [];
    try {
      const server = await NetworkNode.start(join(folder, 'server'), [...args, `-loadblock=${file}`]);
      nodes.push(server);
      const joiner = await NetworkNode.start(join(folder, 'joiner'), [...args, ...connectTo(server)]);
      nodes.push(joiner);
      await joiner.process.saying(`new best=${replay.tipHash} `);
      await Promise.all(nodes.map((node) => node.stop()));
      for (const node of nodes) assertFactsOfReplay(await readUtxoFacts(node.folder, chainArgs), replay);
    } finally {
      for (const node of nodes) node.process.signal('SIGKILL');
    }
  });
}

test('the first blocks of the main network are synchronised from a node that imported them', async (context) => {
  const file = join(vectorsPath(), 'blocks/mainnet/runs/first-100k-blocks.dat');
  if (existsSync(file)) await syncRun([], file);
  else skipWithout(context, file);
});

test('the first blocks of signet are synchronised from a node that imported them', async (context) => {
  await withSignetFile(context, async (_folder, file) => {
    await syncRun(['-signet'], file);
  });
});

test('W10: headers of a chain with less work than -minimumchainwork are ignored, and nothing of it is kept', async () => {
  await withVillage(async (village) => {
    const branch = createYoungBranch(20);
    const node = await village.start('node', ['-minimumchainwork=1000', '-debug=net']);
    const source = await village.source(branch.blocks, node);
    await node.process.saying('Ignoring low-work chain (height=20) from peer=0');
    // a block of regtest is worth 2: more than 2047 are needed for 0x1000
    source.extend(branch.mineMany(2100));
    await node.reaches(branch.tip);
    await village.stopAll();
  });
});

test('a pruned node offers the last 288 blocks, and drops who asks for older ones', async () => {
  await withVillage(async (village, folder) => {
    const branch = createYoungBranch(400);
    const file = join(folder, 'chain.dat');
    writeBlockFile(
      file,
      REGTEST_MAGIC,
      [params.genesis, ...branch.blocks].map((block) => block.serialized()),
    );
    const node = await village.start('pruned', ['-prune=550', `-loadblock=${file}`]);
    const peer = await RawPeer.connect(node.port);
    const { services, startHeight } = await peer.handshake();
    assert.deepEqual([services, startHeight], [NODE_WITNESS | NODE_NETWORK_LIMITED | NODE_P2P_V2, 400]);
    for (const height of [400, 400 - 288, 400 - 290]) {
      assert.equal(await fetchBlock(peer, branch.at(height)), bytesOf(branch.at(height)));
    }
    await assert.rejects(fetchBlock(peer, branch.at(400 - 291)), /the connection is over, without block/);
    await village.stopAll();
  });
});

test('-seednode is asked for addresses and left, -addnode stays and serves', async () => {
  await withVillage(async (village) => {
    const branch = createYoungBranch(10);
    const [seeds, added] = await Promise.all([RawListener.open(), RawListener.open()]);
    try {
      const places = [`-seednode=127.0.0.1:${seeds.port}`, `-addnode=127.0.0.1:${added.port}`];
      // Those who play the others speak plainly.
      const node = await village.start('node', [...places, '-dnsseed=0', '-fixedseeds=0', '-v2transport=0']);
      const [seed, companion] = await Promise.all([seeds.accept(), added.accept()]);
      await Promise.all([seed.answerHandshake(), companion.answerHandshake({ version: { startHeight: 10 } })]);
      await seed.expect('getaddr');
      // places that nobody can be reached at from outside: they are not dialled
      const entries = [1, 2].map((n) => {
        return { timeSec: 1_700_000_000, services: 9n, address: parseHost(`127.0.0.${n}`, 1)! };
      });
      seed.send({ type: 'addr', entries: AddressList.of(entries) });
      await seed.closed();
      new BlockSource(params, branch.blocks).serve(companion);
      await node.reaches(branch.tip);
      assert.equal(companion.isClosed, false);
      assert.match(node.process.stdout(), / Empty addrman, adding seednode \(127\.0\.0\.1:\d+\) to addrfetch\n/);
      companion.close();
      await village.stopAll();
    } finally {
      seeds.close();
      added.close();
    }
  });
});

test('a port that is taken is named, and the exit code says so', async () => {
  await withFolder(async (folder) => {
    const listener = await RawListener.open();
    assert.equal(
      await runNodeToError(folder, [...REGTEST, `-bind=127.0.0.1:${listener.port}`, '-connect=0']),
      `Error: Unable to bind to 127.0.0.1:${listener.port} on this computer. Tallystick is probably already running.\n`,
    );
    listener.close();
  });
});

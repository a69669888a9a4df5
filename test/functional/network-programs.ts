// Nodes of a network, each a process with a data folder of its own, and what tests of networks want of them.

import assert from 'node:assert/strict';
import { mkdirSync } from 'node:fs';
import type { Block } from '../../src/kernel/primitives/block.ts';
import { formatHash } from '../../src/kernel/primitives/hashes.ts';
import { BranchBuilder } from '../model/branch-builder.ts';
import { LedgerReplay, type ReplayResult } from '../model/ledger-replay.ts';
import { type Outcome, type Running, type StartOptions, start } from './programs.ts';

/** A node with peers stops within this time. */
const STOP_MS_MAX = 10_000;

/** A node that runs. */
export class NetworkNode {
  readonly folder: string;
  readonly port: number;
  readonly process: Running;

  private constructor(folder: string, port: number, process: Running) {
    this.folder = folder;
    this.port = port;
    this.process = process;
  }

  /**
   * Starts a node in a folder, which is made when it is not there, and waits until it listens: at a free port, or at that of
   * `-bind` among the arguments.
   */
  static async start(folder: string, args: readonly string[] = [], options?: StartOptions): Promise<NetworkNode> {
    mkdirSync(folder, { recursive: true });
    const bind = args.some((argument) => argument.startsWith('-bind=')) ? [] : ['-bind=127.0.0.1:0'];
    const connect = args.some((argument) => /^-(?:no)?(?:connect|seednode)/.test(argument)) ? [] : ['-connect=0'];
    const running = start('tallyd', [`-datadir=${folder}`, ...bind, ...connect, ...args], options);
    const [, port] = await running.finding(/ Bound to 127\.0\.0\.1:(\d+)\n/);
    return new NetworkNode(folder, Number(port), running);
  }

  /** Resolves once the block was the tip of the node since it was started. */
  async reaches(block: Block): Promise<void> {
    await this.process.saying(`new best=${formatHash(block.header.blockHash)} `);
  }

  /** Resolves once the node has had a tip of this height. */
  async reachesHeight(height: number): Promise<void> {
    await this.process.saying(` height=${height} version=`);
  }

  /** The last height that the node has told of, or -1. */
  get heightSaid(): number {
    return Number([...this.process.stdout().matchAll(/ UpdateTip: .* height=(\d+) /g)].at(-1)?.[1] ?? -1);
  }

  /** Stops in order; returns what it said. */
  async stop(): Promise<string> {
    const startMs = performance.now();
    this.process.signal('SIGTERM');
    const { code, stdout, stderr } = await this.process.ended;
    assert.deepEqual([code, stderr], [0, ''], stdout);
    const tookMs = performance.now() - startMs;
    assert.ok(tookMs < STOP_MS_MAX, `stopped after ${Math.round(tookMs)} ms`);
    return stdout;
  }

  /** Stops at once, without any order. */
  async kill(): Promise<Outcome> {
    this.process.signal('SIGKILL');
    return this.process.ended;
  }
}

/** A branch of regtest whose blocks are as young as those of a network that runs: nodes leave their initial download. */
export function createYoungBranch(blockCount: number): BranchBuilder {
  const branch = new BranchBuilder();
  const startSec = Math.floor(Date.now() / 1000) - 7200;
  if (blockCount > 0) branch.mine({ timeSec: startSec });
  branch.mineMany(blockCount - 1);
  return branch;
}

/** What an independent replay of the blocks comes to. */
export function replayBlocks(branch: BranchBuilder): ReplayResult {
  const replay = new LedgerReplay();
  for (const block of [branch.network.genesis, ...branch.blocks]) replay.connect(block.serialized());
  return replay.result();
}

// A node of regtest in a process of its own, as the benchmark of the RPC interface calls it: tallyd, watched from inside, or a
// bitcoind that lies on this machine. Both are given the same block file and the same options.

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { Agent } from 'node:http';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { findFreePort } from '../functional/rpc-client.ts';
import { findProjectRoot } from '../vectors/folder.ts';
import type { LoopReport } from './loop-watch.ts';
import { type LoadTarget, post } from './rpc-load.ts';

/** A node that is being called. */
export interface RpcSubject extends LoadTarget {
  readonly name: string;
  /** Calls once; the answer's text. Rejects unless it has status 200. */
  call(method: string, ...params: readonly unknown[]): Promise<string>;
  /** How long its event loop stood still at most since the last question; null where there is none to watch. */
  takeStall(): Promise<LoopReport | null>;
  /** Processor time of its process so far, in milliseconds; null where the system does not count it. */
  usedCpuMs(): number | null;
}

/** How to start a node. */
export interface SubjectOptions {
  /** An empty one. */
  readonly folder: string;
  /** Blocks from height 1 up. */
  readonly blockFile: string;
  readonly height: number;
  /** Path of a bitcoind; null: tallyd. */
  readonly corePath: string | null;
}

const READY_MS_MAX = 60_000;
const LOOK_MS = 100;

/** Linux counts the time of a process, of its own and for it in the system, in ticks: fields 14 and 15, the second in brackets. */
const MS_PER_TICK = 10;

function readCpuMs(pid: number): number | null {
  try {
    const fields = readFileSync(`/proc/${pid}/stat`, 'latin1')
      .replace(/^.*\) /, '')
      .split(' ');
    return MS_PER_TICK * (Number(fields[11]) + Number(fields[12]));
  } catch {
    return null;
  }
}

function startProcess({ folder, blockFile, corePath }: SubjectOptions, port: number): ChildProcess {
  const options = ['-regtest', `-datadir=${folder}`, `-rpcport=${port}`, '-txindex', `-loadblock=${blockFile}`];
  options.push('-listen=0', '-connect=0', '-rpcworkqueue=64', '-printtoconsole=0');
  if (corePath !== null) return spawn(corePath, options, { stdio: 'inherit' });
  const dist = join(findProjectRoot(), 'dist');
  const watch = pathToFileURL(join(dist, 'test', 'bench', 'loop-watch.js')).href;
  const program = join(dist, 'src', 'cli', 'tallyd.js');
  const args = ['--no-warnings', '--import', watch, program, ...options];
  return spawn(process.execPath, args, { stdio: ['inherit', 'inherit', 'inherit', 'ipc'] });
}

function readCookie(folder: string): string {
  try {
    return readFileSync(join(folder, 'regtest', '.cookie'), 'utf8').trim();
  } catch {
    return '';
  }
}

/** Runs `work` with a node that has taken in all blocks. */
export async function withSubject(
  options: SubjectOptions,
  work: (subject: RpcSubject) => Promise<void>,
): Promise<void> {
  const port = await findFreePort();
  const child = startProcess(options, port);
  const ended = once(child, 'close');
  const agent = new Agent({ keepAlive: true });
  const subject: RpcSubject = {
    name: options.corePath === null ? 'tallyd' : 'bitcoind',
    port,
    get credentials() {
      return readCookie(options.folder);
    },
    async call(method, ...params) {
      const { status, start } = await post(subject, agent, JSON.stringify({ method, params }));
      if (status !== 200) throw new Error(`${method}: ${status} ${start.slice(0, 300)}`);
      return start;
    },
    async takeStall() {
      if (options.corePath !== null) return null;
      const reply = once(child, 'message') as Promise<[LoopReport]>;
      child.send('stall');
      return (await reply)[0];
    },
    usedCpuMs: () => readCpuMs(child.pid!),
  };
  try {
    await waitUntilReady(subject, options.height);
    await work({ ...subject, credentials: readCookie(options.folder) });
    await subject.call('stop');
    await ended;
  } finally {
    child.kill('SIGKILL');
    agent.destroy();
  }
}

/** Resolves when the tip has its height and the index has seen it. */
async function waitUntilReady(subject: RpcSubject, height: number): Promise<void> {
  const endMs = performance.now() + READY_MS_MAX;
  for (;;) {
    const text = await subject.call('getindexinfo').catch((error: unknown) => String(error));
    if (text.includes('"synced":true') && text.includes(`"best_block_height":${height}}`)) return;
    if (performance.now() > endMs) throw new Error(`${subject.name} does not become ready: ${text}`);
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
  }
}

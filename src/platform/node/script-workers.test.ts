import assert from 'node:assert/strict';
import { once } from 'node:events';
import { test } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import type { WorkerFault } from '../../../test/compliance/faulty-script-worker.ts';
import { assertVerifierError, makeSlowSpends } from '../../../test/compliance/script-verifier.ts';
import { ANYONE, makeTx, NOBODY, pay, spend } from '../../../test/model/block-builder.ts';
import { packScriptBatch, type Spend, spendScripts } from '../../../test/model/script-batch.ts';
import type { ScriptVerifier, VerifierError } from '../../kernel/chain/ports.ts';
import type { ScriptFailure } from '../../kernel/consensus/script-job.ts';
import { nobleSecp256k1 } from '../../kernel/crypto/secp256k1-noble.ts';
import { asTxid } from '../../kernel/primitives/hashes.ts';
import { SpentOutputs } from '../../kernel/primitives/spent-outputs.ts';
import type { BatchMessage } from './script-worker.ts';
import { computeScriptThreads, openScriptVerifier, ScriptWorkers } from './script-workers.ts';

const skip = import.meta.url.endsWith('.ts') && 'threads run the compiled project only';

const REAL = new URL('./script-worker.js', import.meta.url);
const FAULTY = new URL('../../../test/compliance/faulty-script-worker.js', import.meta.url);

/** A pool whose workers are known: the first ones have these faults, in order; null and all later ones are sound. */
class TestPool {
  readonly workers: Worker[] = [];
  /** By worker, when it says that it can begin. */
  readonly started: Promise<unknown>[] = [];
  readonly #faults: (WorkerFault | null)[];

  constructor(faults: readonly (WorkerFault | null)[]) {
    this.#faults = [...faults];
  }

  open(threadCount: number): Promise<ScriptWorkers> {
    return ScriptWorkers.open({ threadCount, startWorker: () => this.#startWorker() });
  }

  #startWorker(): Worker {
    const fault = this.#faults.shift() ?? null;
    const resourceLimits = { maxOldGenerationSizeMb: 32, maxYoungGenerationSizeMb: 8 };
    const worker = fault === null ? new Worker(REAL) : new Worker(FAULTY, { workerData: fault, resourceLimits });
    this.workers.push(worker);
    const started = once(worker, 'message');
    started.catch(() => undefined); // a fault at the start is for the pool to see
    this.started.push(started);
    return worker;
  }

  /** A worker that is gone has lost its number. */
  assertAllGone(): void {
    for (const worker of this.workers) assert.equal(worker.threadId, -1, 'a thread is left');
  }
}

function goodSpends(): Spend[] {
  return Array.from({ length: 50 }, () => spendScripts([ANYONE, ANYONE, ANYONE]));
}

function judge(verifier: ScriptVerifier, spends: readonly Spend[]): Promise<ScriptFailure | null> {
  return verifier.verify(packScriptBatch(spends, 0));
}

/** Rejected with the typed error, for a cause with this text. */
async function assertFails(verdict: Promise<unknown>, cause: RegExp): Promise<void> {
  await assert.rejects(verdict, (error) => {
    assertVerifierError(error, 'thread-failed');
    assert.match(String((error as VerifierError).cause ?? (error as VerifierError).message), cause);
    return true;
  });
}

const FAULTS: readonly (readonly [kind: WorkerFault['kind'], cause: RegExp])[] = [
  ['throw', /a fault in the thread/],
  ['exit', /ended with code 3/],
  ['memory', /ERR_WORKER_OUT_OF_MEMORY|memory limit/],
];

for (const [kind, cause] of FAULTS) {
  test(`a thread that fails by '${kind}' has judged nothing, and the pool recovers (C36)`, { skip }, async () => {
    for (const sound of [0, 1]) {
      const pool = new TestPool([{ kind, batch: 2 }]);
      const scripts = await pool.open(1 + sound);
      assert.equal(await judge(scripts, goodSpends()), null);
      // Slow, so that no other thread has done it all before this one looks.
      await assertFails(judge(scripts, makeSlowSpends()), cause);
      assert.equal(await judge(scripts, goodSpends()), null);
      assert.equal(pool.workers.length, 2 + sound, 'one thread took the place of another');
      await scripts.close();
      pool.assertAllGone();
    }
  });
}

test('a block with a bad script gets no verdict either when a thread fails with it (C36)', { skip }, async () => {
  const pool = new TestPool([{ kind: 'throw', batch: 1 }]);
  const scripts = await pool.open(2);
  const spends = [...goodSpends(), spendScripts([NOBODY])];
  await assertFails(judge(scripts, spends), /a fault in the thread/);
  assert.deepEqual(await judge(scripts, spends), { txIndex: 51, inputIndex: 0, error: 'OP_RETURN' });
  await scripts.close();
});

test('inputs that were claimed and not judged make no block valid (C36)', { skip }, async () => {
  const pool = new TestPool([{ kind: 'skip', batch: 1 }]);
  const scripts = await pool.open(2);
  await assertFails(judge(scripts, makeSlowSpends()), /judged by no script thread/);
  assert.equal(await judge(scripts, goodSpends()), null);
  await scripts.close();
});

test('threads killed in the middle of blocks: no verdict, and then a right one (C36)', { skip }, async () => {
  const pool = new TestPool([]);
  const scripts = await pool.open(2);
  const spends = makeSlowSpends();
  for (const victims of [[0], [1, 2]]) {
    // a thread that is killed before it has started stops the pool
    await Promise.all(victims.map((victim) => pool.started[victim]));
    const verdicts = Promise.allSettled([judge(scripts, spends), judge(scripts, spends), judge(scripts, spends)]);
    await setImmediate();
    const killed = Promise.all(victims.map((victim) => pool.workers[victim]!.terminate()));
    for (const settled of await verdicts) {
      assert.ok(settled.status === 'rejected', 'killed before it could be finished');
      assertVerifierError(settled.reason, 'thread-failed');
    }
    await killed;
    assert.equal(await judge(scripts, spends), null);
  }
  assert.equal(pool.workers.length, 5);
  await scripts.close();
  pool.assertAllGone();
});

test('a thread that fails takes only the blocks with it that it had a part in', { skip }, async () => {
  const pool = new TestPool([{ kind: 'exit', batch: 1 }, null]);
  const scripts = await pool.open(2);
  const one = [spendScripts([ANYONE])];
  const verdicts = await Promise.allSettled([judge(scripts, one), judge(scripts, one)]);
  assert.deepEqual(
    verdicts.map(({ status }) => status),
    ['rejected', 'fulfilled'],
  );
  await scripts.close();
});

test('a pool with a thread that does not start is not opened', { skip }, async () => {
  const pool = new TestPool([null, { kind: 'start', batch: 0 }]);
  await assertFails(pool.open(3), /a fault at the start/);
  pool.assertAllGone();
});

test('a pool whose thread cannot be replaced stops, and says so to everyone', { skip }, async () => {
  const pool = new TestPool([null, { kind: 'exit', batch: 1 }, { kind: 'start', batch: 0 }]);
  const scripts = await pool.open(2);
  const spends = makeSlowSpends();
  await assertFails(judge(scripts, spends), /ended with code 3/);
  await assertFails(judge(scripts, spends), /a fault at the start/);
  await assertFails(judge(scripts, goodSpends()), /a script thread failed/);
  await scripts.close();
  pool.assertAllGone();
});

test('closing ends all threads, whatever they are doing', { skip }, async () => {
  for (let round = 0; round < 3; round++) {
    const pool = new TestPool([]);
    const scripts = await pool.open(3);
    const verdict = judge(scripts, makeSlowSpends());
    const rejected = assert.rejects(verdict, (error) => assertVerifierError(error, 'closed'));
    if (round > 0) await setImmediate();
    await scripts.close();
    await rejected;
    pool.assertAllGone();
  }
});

test('large blocks wait for their turn instead of filling the memory', { skip }, async () => {
  // Four million bytes that no thread has to look at, so that blocks are judged as fast as they come.
  const data = new Uint8Array(4_000_000).fill(0x6a);
  const transaction = makeTx([spend({ txid: asTxid(new Uint8Array(32).fill(1)), index: 0 })], [pay(0, data)]);
  const batch = packScriptBatch([{ transaction, spent: SpentOutputs.pack([pay(1)]) }], 0);
  let sent = 0;
  let underWayMax = 0;
  const scripts = await ScriptWorkers.open({
    threadCount: 1,
    startWorker: () => {
      const worker = new Worker(REAL);
      const post = worker.postMessage.bind(worker);
      worker.postMessage = (message: BatchMessage) => {
        underWayMax = Math.max(underWayMax, ++sent);
        post(message);
      };
      worker.on('message', (message: { readonly type: string }) => {
        if (message.type === 'share') sent--;
      });
      return worker;
    },
  });
  const verdicts = await Promise.all(Array.from({ length: 24 }, () => scripts.verify(batch)));
  assert.deepEqual(verdicts, new Array(24).fill(null));
  assert.ok(underWayMax >= 2 && underWayMax <= 9, `${underWayMax} blocks under way`);
  await scripts.close();
});

test('one thread means the calling thread, which lets the event loop turn', async () => {
  const scripts = await openScriptVerifier(computeScriptThreads(1, 8), nobleSecp256k1);
  let turns = 0;
  let isDone = false;
  const verdict = judge(scripts, makeSlowSpends()).finally(() => {
    isDone = true;
  });
  while (!isDone) {
    await setImmediate();
    turns++;
  }
  assert.equal(await verdict, null);
  assert.ok(turns >= 10, `${turns} turns`);
  await scripts.close();
});

test('the pool names the backend of its threads', { skip }, async () => {
  const scripts = await ScriptWorkers.open({ threadCount: 1 });
  assert.match(scripts.backend, /secp256k1|noble/);
  assert.ok(scripts.skipped.every(({ detail }) => detail.length > 0));
  await scripts.close();
});

test('-par counts threads as Core does: 0 is every core, negative leaves cores free, 16 at most', () => {
  const table: readonly (readonly [par: number, cores: number, threads: number])[] = [
    [0, 1, 1],
    [0, 2, 2],
    [0, 64, 16],
    [1, 8, 1],
    [3, 2, 3],
    [40, 8, 16],
    [-1, 8, 7],
    [-1, 2, 1],
    [-8, 8, 1],
    [-100, 8, 1],
  ];
  for (const [par, cores, threads] of table)
    assert.equal(computeScriptThreads(par, cores), threads, `${par} of ${cores}`);
});

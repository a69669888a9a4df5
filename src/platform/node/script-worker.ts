// A thread that judges scripts: the other end of script-workers.ts. It has its own backend and its own InputVerifier, and knows
// of a block only what lies in shared memory. What it throws is not caught here: the thread ends, the pool sees it, and no
// verdict is given (C36).

import { parentPort } from 'node:worker_threads';
import { BatchJudge, type BatchShare, type SharedBatch } from '../../kernel/chain/shared-batch.ts';
import type { SkippedBackend } from '../../kernel/crypto/secp256k1-select.ts';
import { InputVerifier } from '../../kernel/script/verify.ts';
import { assert } from '../../kernel/util/assert.ts';
import { loadSecp256k1 } from './secp256k1.ts';

/** Inputs claimed at a time: about a millisecond of a native backend. */
const CLAIM_INPUTS_MAX = 32;

/** To the thread: take part in a batch. */
export interface BatchMessage {
  readonly id: number;
  readonly batch: SharedBatch;
}

/** From the thread, once, when it can begin. */
export interface ReadyMessage {
  readonly type: 'ready';
  readonly backend: string;
  readonly skipped: readonly SkippedBackend[];
}

/** From the thread, once per batch, when nothing is left to claim. */
export interface ShareMessage extends BatchShare {
  readonly type: 'share';
  readonly id: number;
}

function main(): void {
  assert(parentPort !== null, 'script worker: runs in a thread of a pool');
  const port = parentPort;
  const { backend, skipped } = loadSecp256k1();
  const verifier = new InputVerifier(backend);
  port.on('message', ({ id, batch }: BatchMessage) => {
    const judge = new BatchJudge(batch, verifier);
    while (judge.judgeNext(CLAIM_INPUTS_MAX));
    const { goodCount, failure } = judge;
    port.postMessage({ type: 'share', id, goodCount, failure } satisfies ShareMessage);
  });
  port.postMessage({ type: 'ready', backend: backend.name, skipped } satisfies ReadyMessage);
}

main();

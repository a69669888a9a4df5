// Worlds whose nodes encrypt what they say to each other (BIP324): the same faults, the same judges. Hostile peers speak plainly, and
// a connection that breaks before a word was said is dialled again so.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createRng } from '../../src/kernel/util/prng.ts';
import type { Logger } from '../../src/node/ports.ts';
import { formatReport, type SimReport } from '../../src/sim/report.ts';
import { type StartNode, startNode } from '../../src/sim/running-node.ts';
import { seededEncryption } from '../model/encryption.ts';
import { runWholeNodes } from './hosts.ts';

/** A world whose nodes encrypt, and how its connections were made. */
async function runEncrypted(seed: number): Promise<{ readonly report: SimReport; readonly counts: readonly number[] }> {
  const counts = [0, 0, 0];
  const listen = (log: Logger): Logger => ({
    ...log,
    info: (text) => count(text),
    debug: (_category, text) => count(text()),
  });
  const count = (text: string): void => {
    const at = ['transport: v2', 'transport: v1', 'retrying with v1'].findIndex((words) => text.includes(words));
    if (at >= 0) counts[at]!++;
  };
  const chance = createRng(BigInt(seed));
  const start: StartNode = (options, ports) => {
    const encryption = seededEncryption(chance.nextU32());
    return startNode(options, { ...ports, log: listen(ports.log), encryption });
  };
  const limits = { nodesMax: 4, chaosBlocksMax: 8, spacingsSec: [20] };
  return { report: await runWholeNodes(seed, { limits, startNode: start }), counts };
}

test('S01: encrypted worlds end in agreement, and the same seed does the same', async () => {
  const sums = [0, 0, 0];
  const hashes: string[] = [];
  for (const seed of [1, 2, 2]) {
    const { report, counts } = await runEncrypted(seed);
    assert.equal(report.failure, null, formatReport(report));
    for (const [i, each] of counts.entries()) sums[i]! += each;
    hashes.push(report.traceHash);
  }
  assert.ok(sums[0]! >= 20 && sums[1]! > 0 && sums[2]! > 0, `encrypted, plain, dialled again: ${sums}`);
  assert.equal(hashes[1], hashes[2]);
});

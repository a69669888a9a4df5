// Real headers with one byte changed: each is refused, and for the right reason. Proof of work covers every byte; to see the
// rules behind it, the same changes are judged again with the proof of work left aside.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MemoryHeaderBranch } from '../../src/kernel/consensus/header-branch.ts';
import { checkHeader, checkNextHeader, contextualCheckHeader } from '../../src/kernel/consensus/header-check.ts';
import { createNetworkParams } from '../../src/kernel/consensus/networks/all.ts';
import type { ConsensusParams } from '../../src/kernel/consensus/params.ts';
import { decodeBlock } from '../../src/kernel/primitives/block.ts';
import { BlockHeader, HEADER_BYTES } from '../../src/kernel/primitives/header.ts';
import { equalBytes } from '../../src/kernel/util/bytes.ts';
import { areVectorsRequired, openVectorFolder, vectorsPath } from './folder.ts';
import { END_OF_TIME_SEC } from './header-run.ts';
import { parseHexLines } from './shape.ts';

const folder = openVectorFolder(vectorsPath());
const skip = folder === null && !areVectorsRequired() ? 'no vectors on this machine' : false;

function readBytes(path: string): Uint8Array {
  const file = folder?.find(path);
  assert.ok(file, `${path} is missing`);
  return file.bytes();
}

function rawHeaders(path: string): BlockHeader[] {
  const bytes = readBytes(path);
  const headers: BlockHeader[] = [];
  for (let at = 0; at < bytes.length; at += HEADER_BYTES) headers.push(new BlockHeader(bytes, at));
  return headers;
}

/** The fields of a header by the offset of their first byte. */
const FIELDS = [
  ['version', 0, 4],
  ['previousBlockHash', 4, 36],
  ['merkleRoot', 36, 68],
  ['timeSec', 68, 72],
  ['bits', 72, 76],
  ['nonce', 76, 80],
] as const;

type Field = (typeof FIELDS)[number][0];

function fieldAt(offset: number): Field {
  return FIELDS.find(([, start, end]) => offset >= start && offset < end)![0];
}

function withByte(header: BlockHeader, offset: number, flip: number): BlockHeader {
  const bytes = header.serialized().slice();
  bytes[offset]! ^= flip;
  return new BlockHeader(bytes);
}

const RUNS = [
  { network: 'main', path: 'headers/mainnet/headers.gz', step: 499 },
  { network: 'signet', path: 'headers/signet/signet_headers', step: 251 },
] as const;

for (const { network, path, step } of RUNS) {
  test(`C31: no byte of a header of ${network} can be changed without losing its proof of work`, { skip }, () => {
    const { pow } = createNetworkParams(network).consensus;
    const headers = rawHeaders(path);
    let tried = 0;
    for (let height = 1; height < headers.length; height += step) {
      for (let offset = 0; offset < HEADER_BYTES; offset++) {
        const reject = checkHeader(withByte(headers[height]!, offset, 1 << (height % 8)), pow);
        assert.equal(reject?.reason, 'high-hash', `${height}, byte ${offset}`);
        assert.equal(reject.kind, 'invalid-header');
        tried++;
      }
    }
    assert.ok(tried > 600);
  });

  test(`C31, C33: with its proof of work left aside, a changed header of ${network} breaks the rule of its field`, {
    skip,
  }, () => {
    const params = createNetworkParams(network).consensus;
    const headers = rawHeaders(path);
    const branch = new MemoryHeaderBranch();
    for (let height = 0; height < headers.length - 1; height++) {
      if (height > 0 && height % step === 0) checkWithoutWork(headers, height, branch, params);
      branch.append(headers[height]!);
    }
  });
}

/** What the rules say to a change of each byte when a miner has made new proof of work for it. */
function checkWithoutWork(
  headers: readonly BlockHeader[],
  height: number,
  branch: MemoryHeaderBranch,
  params: ConsensusParams,
): void {
  for (let offset = 0; offset < HEADER_BYTES; offset++) {
    const changed = withByte(headers[height]!, offset, 0x40);
    const reason = contextualCheckHeader(changed, branch, params, END_OF_TIME_SEC - 7200)?.reason ?? 'valid';
    const field = fieldAt(offset);
    const place = `${field} at height ${height}, byte ${offset}`;
    if (field === 'bits') assert.equal(reason, 'bad-diffbits', place);
    else if (field === 'timeSec') assert.equal(reason, timeReason(changed, headers, height), place);
    else if (field === 'version') assert.match(reason, /^valid$|^bad-version\(0x[0-9a-f]{8}\)$/, place);
    else assert.equal(reason, 'valid', place);
    if (field === 'previousBlockHash') {
      assert.equal(equalBytes(changed.previousBlockHash, branch.blockHash(branch.height)), false, place);
    }
    // Whatever is valid by itself is another block: the next header does not follow it.
    branch.append(changed);
    assert.equal(
      checkNextHeader(headers[height + 1]!, branch, params, END_OF_TIME_SEC)?.reason,
      'prev-blk-not-found',
      place,
    );
    branch.truncate(height - 1);
  }
}

/** Judged here a second time: the middle of the eleven times before. */
function timeReason(changed: BlockHeader, headers: readonly BlockHeader[], height: number): string {
  const times = headers.slice(Math.max(0, height - 11), height).map((header) => header.timeSec);
  times.sort((a, b) => a - b);
  return changed.timeSec <= times[times.length >> 1]! ? 'time-too-old' : 'valid';
}

test('C31, C33: on regtest, where any other hash will do, each changed field meets its own rule', { skip }, () => {
  const params = createNetworkParams('regtest').consensus;
  const blocks = parseHexLines(new TextDecoder().decode(readBytes('blocks/regtest/regtest_blocks.txt')))!;
  const headers = blocks.map((bytes) => {
    const block = decodeBlock(bytes);
    assert.ok(block.ok);
    return block.value.header;
  });
  const branch = new MemoryHeaderBranch(headers.slice(0, 1));
  const reasons = new Map<Field, Set<string>>(FIELDS.map(([field]) => [field, new Set()]));
  for (const header of headers.slice(1)) {
    assert.equal(checkNextHeader(header, branch, params, END_OF_TIME_SEC), null);
    for (let offset = 0; offset < HEADER_BYTES; offset++) {
      const reject = checkNextHeader(withByte(header, offset, 0x80), branch, params, header.timeSec);
      reasons.get(fieldAt(offset))!.add((reject?.reason ?? 'valid').replace(/0x.*/, '…'));
    }
    branch.append(header);
  }
  assert.deepEqual([...reasons.get('previousBlockHash')!].sort(), ['high-hash', 'prev-blk-not-found']);
  assert.deepEqual([...reasons.get('merkleRoot')!].sort(), ['high-hash', 'valid']);
  assert.deepEqual([...reasons.get('nonce')!].sort(), ['high-hash', 'valid']);
  assert.ok(reasons.get('bits')!.has('bad-diffbits') && !reasons.get('bits')!.has('valid'));
  assert.ok(reasons.get('timeSec')!.has('time-too-old'));
  assert.ok(reasons.get('version')!.has('bad-version(…'));
});

// Headers without blocks, as many as a test needs: each with its proof of work, none of them with anything behind it.

import { createRegtestParams } from '../../src/kernel/consensus/networks/regtest.ts';
import { checkProofOfWork } from '../../src/kernel/consensus/pow.ts';
import { asBlockHash, asMerkleRoot } from '../../src/kernel/primitives/hashes.ts';
import { type BlockHeader, buildHeader } from '../../src/kernel/primitives/header.ts';

const { pow } = createRegtestParams().consensus;

/** What a test may want different about a header. */
export interface HeaderOptions {
  readonly timeSec?: number;
  readonly bits?: number;
  /** True: the hash is above the target. */
  readonly lacksWork?: boolean;
  /** Makes headers of the same parent differ. */
  readonly tag?: number;
}

/** A header after another. */
export function mineHeader(parent: BlockHeader, options: HeaderOptions = {}): BlockHeader {
  const bits = options.bits ?? pow.limit.bits;
  const merkleRoot = new Uint8Array(32).fill(0x5a);
  merkleRoot[0] = options.tag ?? 0;
  for (let nonce = 0; ; nonce++) {
    const header = buildHeader({
      version: 0x20000000,
      previousBlockHash: asBlockHash(parent.blockHash),
      merkleRoot: asMerkleRoot(merkleRoot),
      timeSec: options.timeSec ?? parent.timeSec + 1,
      bits,
      nonce,
    });
    if (checkProofOfWork(header.blockHash, 0, bits, pow) !== (options.lacksWork ?? false)) return header;
  }
}

/** So many headers, each after the one before. */
export function mineHeaders(parent: BlockHeader, count: number, options: HeaderOptions = {}): BlockHeader[] {
  const headers: BlockHeader[] = [];
  for (let i = 0; i < count; i++) headers.push(mineHeader(headers.at(-1) ?? parent, options));
  return headers;
}

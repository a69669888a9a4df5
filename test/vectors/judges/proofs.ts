// Judge of proofs that transactions are in a block: merkleblock messages and gettxoutproof files, raw or as hexadecimal. The
// tree must lead to the root of its header, come out byte for byte when it is encoded again, and be the tree that we build for
// the same matches, and send to whom sets a bloom filter of them, when the block lies in the same folder.

import { type Block, decodeBlock } from '../../../src/kernel/primitives/block.ts';
import {
  buildPartialMerkleTree,
  decodeMerkleBlock,
  encodeMerkleBlock,
  extractMatches,
  type MerkleBlock,
  type MerkleMatch,
} from '../../../src/kernel/primitives/partial-merkle-tree.ts';
import { equalBytes, toHex } from '../../../src/kernel/util/bytes.ts';
import { BloomFilter } from '../../../src/node/p2p/bloom-filter.ts';
import { filterBlock } from '../../../src/node/p2p/filtered-block.ts';
import { encodeMessage } from '../../../src/node/wire/registry.ts';
import { isInside, type Judge, type VectorFile, type VectorFolder, verdictOutcome } from '../judge.ts';
import { parseHexLines } from '../shape.ts';

const proofJudge: Judge = {
  name: 'proofs that transactions are in a block',
  matches: (file) => {
    if (!isInside(file, 'p2p')) return false;
    const bytes = payloadOf(file);
    return decodeMerkleBlock(bytes).ok || (isInside(file, 'p2p/txoutproof') && !decodeBlock(bytes).ok);
  },
  *run(file, folder) {
    const bytes = payloadOf(file);
    const proof = decodeMerkleBlock(bytes);
    if (!proof.ok) {
      yield verdictOutcome('proof', proof.error.message);
      return;
    }
    const again = encodeMerkleBlock(proof.value);
    yield verdictOutcome('encoded again', equalBytes(again, bytes) ? null : 'comes out changed');
    const extracted = extractMatches(proof.value.tree);
    if (!extracted.ok) {
      yield verdictOutcome('matches', extracted.error);
      return;
    }
    const { merkleRoot, matches } = extracted.value;
    yield verdictOutcome(
      'merkle root',
      equalBytes(merkleRoot, proof.value.header.merkleRoot) ? null : toHex(merkleRoot),
    );
    yield verdictOutcome('matches', matches.length > 0 ? null : 'proves nothing');
    const block = findBlock(file, folder, proof.value);
    if (block !== null) yield verdictOutcome('against the block', compareWithBlock(proof.value, matches, block));
  },
};

export const judges: readonly Judge[] = [proofJudge];

/** The bytes of the file, or of its single hexadecimal line. */
function payloadOf(file: VectorFile): Uint8Array {
  const lines = /^[\da-fA-F\s]/.test(String.fromCharCode(file.bytes()[0] ?? 0)) ? parseHexLines(file.text()) : null;
  return lines?.length === 1 ? lines[0]! : file.bytes();
}

/** The block that the proof is about, when a file beside it holds it. */
function findBlock(file: VectorFile, folder: VectorFolder, proof: MerkleBlock): Block | null {
  for (const sibling of folder.siblings(file)) {
    const decoded = decodeBlock(payloadOf(sibling));
    if (decoded.ok && equalBytes(decoded.value.header.blockHash, proof.header.blockHash)) return decoded.value;
  }
  return null;
}

function compareWithBlock(proof: MerkleBlock, matches: readonly MerkleMatch[], block: Block): string | null {
  for (const { txid, position } of matches) {
    if (!equalBytes(block.transaction(position).txid, txid)) return `transaction ${position} is another one`;
  }
  const built = buildPartialMerkleTree(block.txids(), (position) =>
    matches.some((match) => match.position === position),
  );
  const bytes = encodeMerkleBlock({ header: block.header, tree: built });
  if (!equalBytes(bytes, encodeMerkleBlock(proof))) return 'our tree for the same matches differs';
  return compareWithFiltered(proof, matches, block);
}

/** What a light client gets that has set a filter of exactly these transactions (BIP37). */
function compareWithFiltered(proof: MerkleBlock, matches: readonly MerkleMatch[], block: Block): string | null {
  const filter = new BloomFilter({ filter: new Uint8Array(1_000), hashFunctionCount: 20, tweak: 0, flags: 0 });
  for (const { txid } of matches) filter.insert(txid);
  const [first, ...rest] = [...filterBlock(block, filter)].filter((message) => message !== undefined);
  const isSame = first !== undefined && equalBytes(encodeMessage(first), encodeMerkleBlock(proof));
  return isSame && rest.length === matches.length ? null : 'the block through a filter of the same matches differs';
}

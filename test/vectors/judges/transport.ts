// Judge of the vectors of BIP324: keys that look like chance, their inverse, and packets from the secret of a handshake on.

import { nobleChaCha20Poly1305 } from '../../../src/kernel/crypto/chacha20-poly1305.ts';
import { computeEllSwiftSecret, decodeEllSwift, findEllSwiftT } from '../../../src/kernel/crypto/ellswift.ts';
import { nobleSecp256k1 } from '../../../src/kernel/crypto/secp256k1-noble.ts';
import { EMPTY_BYTES, fromHex, toHex } from '../../../src/kernel/util/bytes.ts';
import { PacketCipher } from '../../../src/node/wire/packet-cipher.ts';
import { type CaseOutcome, compareOutcome, isInside, type Judge, type VectorFile } from '../judge.ts';

/** A line of a file, by the names of the first. */
type Row = ReadonlyMap<string, string>;

/** The main network, which the vectors are of. */
const MAGIC = fromHex('f9beb4d9');

function readRows(file: VectorFile): readonly Row[] {
  const [names = [], ...lines] = file
    .text()
    .trim()
    .split(/\r?\n/)
    .map((line) => line.split(','));
  return lines.map((cells) => new Map(names.map((name, i) => [name, cells[i] ?? ''])));
}

function bytesOf(row: Row, name: string): Uint8Array {
  return fromHex(row.get(name) ?? '');
}

/** A judge of the files whose first line begins so. */
function judgeOf(
  name: string,
  firstNames: string,
  judgeRow: (row: Row, number: number) => Iterable<CaseOutcome>,
): Judge {
  return {
    name: `BIP324 ${name}`,
    matches: (file) => isInside(file, 'bips/bip-0324') && file.text().startsWith(firstNames),
    *run(file) {
      for (const [i, row] of readRows(file).entries()) yield* judgeRow(row, i + 1);
    },
  };
}

function* judgeDecoding(row: Row, number: number): Iterable<CaseOutcome> {
  const x = toHex(decodeEllSwift(bytesOf(row, 'ellswift')));
  yield compareOutcome(`line ${number}`, x, row.get('x'), row.get('comment') ?? '');
}

function* judgeInverse(row: Row, number: number): Iterable<CaseOutcome> {
  const comments = (row.get('comment') ?? '').split(';');
  for (let which = 0; which < 8; which++) {
    const t = findEllSwiftT(bytesOf(row, 'x'), bytesOf(row, 'u'), which);
    const expected = row.get(`case${which}_t`);
    yield compareOutcome(`line ${number}, case ${which}`, t === null ? '' : toHex(t), expected, comments[which] ?? '');
  }
}

function* judgePacket(row: Row, number: number): Iterable<CaseOutcome> {
  const isInitiator = row.get('in_initiating') === '1';
  const pair = { ours: bytesOf(row, 'in_ellswift_ours'), theirs: bytesOf(row, 'in_ellswift_theirs'), isInitiator };
  const compare = (what: string, actual: Uint8Array, name: string): CaseOutcome =>
    compareOutcome(`line ${number}, ${what}`, toHex(actual), row.get(name));
  yield compare('our key', decodeEllSwift(pair.ours), 'mid_x_ours');
  yield compare('their key', decodeEllSwift(pair.theirs), 'mid_x_theirs');
  const secret = computeEllSwiftSecret(nobleSecp256k1, bytesOf(row, 'in_priv_ours'), pair) ?? EMPTY_BYTES;
  yield compare('secret', secret, 'mid_shared_secret');
  const cipher = new PacketCipher({ secret, magic: MAGIC, isInitiator }, nobleChaCha20Poly1305);
  yield compare('end of our garbage', cipher.sendTerminator, 'mid_send_garbage_terminator');
  yield compare('end of their garbage', cipher.receiveTerminator, 'mid_recv_garbage_terminator');
  yield compare('session', cipher.sessionId, 'out_session_id');
  const ciphertext = toHex(sealAtIndex(row, cipher));
  const end = row.get('out_ciphertext_endswith') ?? '';
  const shown = end === '' ? ciphertext : ciphertext.slice(-end.length);
  yield compareOutcome(`line ${number}, packet`, shown, end === '' ? row.get('out_ciphertext') : end);
}

/** The packet of the vector, after as many empty ones as its index says. */
function sealAtIndex(row: Row, cipher: PacketCipher): Uint8Array {
  for (let i = 0; i < Number(row.get('in_idx')); i++) cipher.seal(EMPTY_BYTES, EMPTY_BYTES, EMPTY_BYTES);
  const contents = fromHex((row.get('in_contents') ?? '').repeat(Number(row.get('in_multiply'))));
  return cipher.seal(contents, EMPTY_BYTES, bytesOf(row, 'in_aad'), row.get('in_ignore') === '1');
}

export const judges: readonly Judge[] = [
  judgeOf('ElligatorSwift decoding', 'ellswift,x', judgeDecoding),
  judgeOf('ElligatorSwift inverse', 'u,x,case0_t', judgeInverse),
  judgeOf('packets', 'in_idx,in_priv_ours', judgePacket),
];

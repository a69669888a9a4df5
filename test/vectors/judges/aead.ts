// Judge of Wycheproof's ChaCha20-Poly1305 cases (RFC 8439): the cipher of encrypted connections between peers (BIP324), in JavaScript
// and through node:crypto.

import {
  AEAD_TAG_BYTES,
  type ChaCha20Poly1305,
  nobleChaCha20Poly1305,
} from '../../../src/kernel/crypto/chacha20-poly1305.ts';
import { concatBytes, fromHex, toHex } from '../../../src/kernel/util/bytes.ts';
import { opensslChaCha20Poly1305 } from '../../../src/platform/node/host-encryption.ts';
import { type CaseOutcome, compareOutcome, isInside, type Judge } from '../judge.ts';
import { hexAt, isObject, type JsonObject, listAt, numberAt, textAt } from '../shape.ts';

const aeadJudge: Judge = {
  name: 'Wycheproof ChaCha20-Poly1305',
  matches: (file) => {
    const json = isInside(file, 'crypto') ? file.tryJson() : undefined;
    return isObject(json, 'testGroups') && json['algorithm'] === 'CHACHA20-POLY1305';
  },
  *run(file) {
    for (const group of listAt(file.json() as JsonObject, 'testGroups') as readonly JsonObject[]) {
      for (const row of listAt(group, 'tests') as readonly JsonObject[]) yield judgeRow(row);
    }
  },
};

export const judges: readonly Judge[] = [aeadJudge];

/** Both ciphers have to say the same. */
const CIPHERS: readonly ChaCha20Poly1305[] = [nobleChaCha20Poly1305, opensslChaCha20Poly1305];

function judgeRow(row: JsonObject): CaseOutcome {
  const isValid = CIPHERS.every((cipher) => opens(cipher, row) && isSealedAgain(cipher, row));
  const isInvalid = CIPHERS.every((cipher) => !opens(cipher, row));
  const verdict = isValid ? 'valid' : isInvalid ? 'invalid' : 'the ciphers differ';
  return compareOutcome(`tcId ${numberAt(row, 'tcId')}`, verdict, textAt(row, 'result'), textAt(row, 'comment'));
}

/** Whether the message comes out; a nonce of another length is refused by an exception, since none ever has one. */
function opens(cipher: ChaCha20Poly1305, row: JsonObject): boolean {
  try {
    const sealed = fromHex(textAt(row, 'ct') + textAt(row, 'tag'));
    const opened = cipher.open(hexAt(row, 'key'), hexAt(row, 'iv'), hexAt(row, 'aad'), sealed);
    return opened !== null && toHex(opened) === textAt(row, 'msg');
  } catch {
    return false;
  }
}

function isSealedAgain(cipher: ChaCha20Poly1305, row: JsonObject): boolean {
  const bytes = concatBytes(hexAt(row, 'msg'), new Uint8Array(AEAD_TAG_BYTES));
  cipher.sealInPlace(hexAt(row, 'key'), hexAt(row, 'iv'), hexAt(row, 'aad'), bytes);
  return toHex(bytes) === textAt(row, 'ct') + textAt(row, 'tag');
}

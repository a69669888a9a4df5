// Judge of Wycheproof's ChaCha20-Poly1305 cases (RFC 8439): the cipher of encrypted connections between peers (BIP324), as the
// library does it that the network part will use.

import { chacha20poly1305 } from '@noble/ciphers/chacha.js';
import { fromHex, toHex } from '../../../src/kernel/util/bytes.ts';
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

function judgeRow(row: JsonObject): CaseOutcome {
  const opened = open(row);
  const verdict = opened === textAt(row, 'msg') && isSealedAgain(row) ? 'valid' : 'invalid';
  return compareOutcome(`tcId ${numberAt(row, 'tcId')}`, verdict, textAt(row, 'result'), textAt(row, 'comment'));
}

/** The message inside, or null when the tag or a length is refused. */
function open(row: JsonObject): string | null {
  try {
    const cipher = chacha20poly1305(hexAt(row, 'key'), hexAt(row, 'iv'), hexAt(row, 'aad'));
    return toHex(cipher.decrypt(fromHex(textAt(row, 'ct') + textAt(row, 'tag'))));
  } catch {
    return null;
  }
}

function isSealedAgain(row: JsonObject): boolean {
  const cipher = chacha20poly1305(hexAt(row, 'key'), hexAt(row, 'iv'), hexAt(row, 'aad'));
  return toHex(cipher.encrypt(hexAt(row, 'msg'))) === textAt(row, 'ct') + textAt(row, 'tag');
}

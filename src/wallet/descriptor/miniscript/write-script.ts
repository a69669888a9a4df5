// The script of a miniscript (BIP379; Core Node::ToScript). An operation that is followed by OP_VERIFY takes its form with VERIFY, if it
// has one.

import { hash160 } from '../../../kernel/crypto/hash160.ts';
import { OP } from '../../../kernel/script/opcodes.ts';
import { encodePush } from '../../../kernel/script/script.ts';
import { encodeNumberPush } from '../../../kernel/script/script-builder.ts';
import { assert } from '../../../kernel/util/assert.ts';
import type { HashFragment, MiniscriptNode, Wrapper } from './node.ts';
import { has, PROPERTY } from './property.ts';

/** Something still to be written: an opcode, bytes, or a node that OP_VERIFY follows or not. */
type Piece = number | Uint8Array | { readonly node: MiniscriptNode; readonly isVerified: boolean };

/** The script of a miniscript with these keys, of 33 bytes, or 32 in a leaf. */
export function createMiniscriptScript(root: MiniscriptNode, publicKeys: readonly Uint8Array[]): Uint8Array {
  const script = new Uint8Array(root.scriptBytes);
  let at = 0;
  const pending: Piece[] = [{ node: root, isVerified: false }];
  for (let piece = pending.pop(); piece !== undefined; piece = pending.pop()) {
    if (typeof piece === 'number') script[at++] = piece;
    else if (piece instanceof Uint8Array) {
      script.set(piece, at);
      at += piece.length;
    } else {
      const pieces = splitNode(piece.node, piece.isVerified, publicKeys);
      for (let i = pieces.length - 1; i >= 0; i--) pending.push(pieces[i]!);
    }
  }
  assert(at === script.length, 'miniscript: the script is as long as was counted');
  return script;
}

const HASH_OPS: Readonly<Record<HashFragment, number>> = Object.freeze({
  sha256: OP.OP_SHA256,
  hash256: OP.OP_HASH256,
  ripemd160: OP.OP_RIPEMD160,
  hash160: OP.OP_HASH160,
});

/** What a node consists of. */
function splitNode(
  { fragment, number, keys, hash, subs }: MiniscriptNode,
  isVerified: boolean,
  publicKeys: readonly Uint8Array[],
): readonly Piece[] {
  const [a, b, c] = subs.slice(0, 3).map((node) => ({ node, isVerified: false }));
  const pushKey = (key: number): Uint8Array => encodePush(publicKeys[key]!);
  switch (fragment) {
    case '0':
      return [OP.OP_0];
    case '1':
      return [OP.OP_1];
    case 'pk_k':
      return [pushKey(keys[0]!)];
    case 'pk_h':
      return [OP.OP_DUP, OP.OP_HASH160, encodePush(hash160(publicKeys[keys[0]!]!)), OP.OP_EQUALVERIFY];
    case 'older':
      return [encodeNumberPush(number), OP.OP_CHECKSEQUENCEVERIFY];
    case 'after':
      return [encodeNumberPush(number), OP.OP_CHECKLOCKTIMEVERIFY];
    case 'sha256':
    case 'hash256':
    case 'ripemd160':
    case 'hash160': {
      const equal = isVerified ? OP.OP_EQUALVERIFY : OP.OP_EQUAL;
      return [OP.OP_SIZE, encodeNumberPush(32), OP.OP_EQUALVERIFY, HASH_OPS[fragment], encodePush(hash!), equal];
    }
    case 'multi':
      return [
        encodeNumberPush(number),
        ...keys.map(pushKey),
        encodeNumberPush(keys.length),
        isVerified ? OP.OP_CHECKMULTISIGVERIFY : OP.OP_CHECKMULTISIG,
      ];
    case 'multi_a': {
      const checks = keys.flatMap((key, i) => [pushKey(key), i === 0 ? OP.OP_CHECKSIG : OP.OP_CHECKSIGADD]);
      return [...checks, encodeNumberPush(number), isVerified ? OP.OP_NUMEQUALVERIFY : OP.OP_NUMEQUAL];
    }
    case 'thresh': {
      const adds = subs.flatMap((node, i) => [{ node, isVerified: false }, ...(i === 0 ? [] : [OP.OP_ADD])]);
      return [...adds, encodeNumberPush(number), isVerified ? OP.OP_EQUALVERIFY : OP.OP_EQUAL];
    }
    case 'and_v':
      return [a!, { node: subs[1]!, isVerified }];
    case 'and_b':
      return [a!, b!, OP.OP_BOOLAND];
    case 'or_b':
      return [a!, b!, OP.OP_BOOLOR];
    case 'or_c':
      return [a!, OP.OP_NOTIF, b!, OP.OP_ENDIF];
    case 'or_d':
      return [a!, OP.OP_IFDUP, OP.OP_NOTIF, b!, OP.OP_ENDIF];
    case 'or_i':
      return [OP.OP_IF, a!, OP.OP_ELSE, b!, OP.OP_ENDIF];
    case 'andor':
      return [a!, OP.OP_NOTIF, c!, OP.OP_ELSE, b!, OP.OP_ENDIF];
    default:
      return splitWrapped(fragment, subs[0]!, isVerified);
  }
}

/** What an expression around one other consists of. */
function splitWrapped(wrapper: Wrapper, node: MiniscriptNode, isVerified: boolean): readonly Piece[] {
  const inner = { node, isVerified: false };
  switch (wrapper) {
    case 'a':
      return [OP.OP_TOALTSTACK, inner, OP.OP_FROMALTSTACK];
    case 's':
      return [OP.OP_SWAP, { node, isVerified }];
    case 'c':
      return [inner, isVerified ? OP.OP_CHECKSIGVERIFY : OP.OP_CHECKSIG];
    case 'd':
      return [OP.OP_DUP, OP.OP_IF, inner, OP.OP_ENDIF];
    case 'v': {
      const verified = { node, isVerified: true };
      return has(node.type, PROPERTY.x) ? [verified, OP.OP_VERIFY] : [verified];
    }
    case 'j':
      return [OP.OP_SIZE, OP.OP_0NOTEQUAL, OP.OP_IF, inner, OP.OP_ENDIF];
    case 'n':
      return [inner, OP.OP_0NOTEQUAL];
  }
}

// A miniscript as text, in the shortest form (BIP379; Core Node::ToString): letters of wrappers side by side, pk() for c:pk_k(), t: for
// and_v(X,1), l: and u: for or_i() with a zero, and_n() for andor() with one.

import { toHex } from '../../../kernel/util/bytes.ts';
import type { MiniscriptNode } from './node.ts';

/** Something still to be written: a text, or a node, which after letters begins with a colon unless it is letters itself. */
type Piece = string | { readonly node: MiniscriptNode; readonly isWrapped: boolean };

/** The text of a miniscript; `formatKey` gives that of a key by its number. */
export function formatMiniscript(root: MiniscriptNode, formatKey: (key: number) => string): string {
  const texts: string[] = [];
  const pending: Piece[] = [{ node: root, isWrapped: false }];
  for (let piece = pending.pop(); piece !== undefined; piece = pending.pop()) {
    if (typeof piece === 'string') {
      texts.push(piece);
      continue;
    }
    const pieces = formatNode(piece.node, piece.isWrapped, formatKey);
    for (let i = pieces.length - 1; i >= 0; i--) pending.push(pieces[i]!);
  }
  return texts.join('');
}

function formatNode(node: MiniscriptNode, isWrapped: boolean, formatKey: (key: number) => string): readonly Piece[] {
  const wrapped = findWrapper(node);
  if (wrapped !== null) return [wrapped.letter, { node: wrapped.inner, isWrapped: true }];
  const { fragment, number, keys, hash, subs } = node;
  const colon = isWrapped ? ':' : '';
  const call = (name: string, args: readonly (readonly Piece[])[]): readonly Piece[] => [
    `${colon}${name}(`,
    ...args.flatMap((arg, i) => (i === 0 ? arg : [',', ...arg])),
    ')',
  ];
  const parts = subs.map((sub) => [{ node: sub, isWrapped: false }]);
  const keyTexts = (of: readonly number[]) => of.map((key) => [formatKey(key)]);
  switch (fragment) {
    case '0':
    case '1':
      return [colon + fragment];
    case 'c':
      // Anything else in c: is a wrapper.
      return call(subs[0]!.fragment === 'pk_k' ? 'pk' : 'pkh', keyTexts(subs[0]!.keys));
    case 'pk_k':
    case 'pk_h':
      return call(fragment, keyTexts(keys));
    case 'older':
    case 'after':
      return call(fragment, [[String(number)]]);
    case 'multi':
    case 'multi_a':
      return call(fragment, [[String(number)], ...keyTexts(keys)]);
    case 'thresh':
      return call(fragment, [[String(number)], ...parts]);
    case 'andor':
      return subs[2]!.fragment === '0' ? call('and_n', parts.slice(0, 2)) : call(fragment, parts);
    default:
      return call(fragment, hash === null ? parts : [[toHex(hash)]]);
  }
}

/** The letter that an expression is written with, and what stands behind it; null when it is written otherwise. */
function findWrapper({
  fragment,
  subs,
}: MiniscriptNode): { readonly letter: string; readonly inner: MiniscriptNode } | null {
  const [first, second] = subs;
  switch (fragment) {
    case 'c':
      return first!.fragment === 'pk_k' || first!.fragment === 'pk_h' ? null : { letter: 'c', inner: first! };
    case 'a':
    case 's':
    case 'd':
    case 'v':
    case 'j':
    case 'n':
      return { letter: fragment, inner: first! };
    case 'and_v':
      return second!.fragment === '1' ? { letter: 't', inner: first! } : null;
    case 'or_i':
      if (first!.fragment === '0') return { letter: 'l', inner: second! };
      return second!.fragment === '0' ? { letter: 'u', inner: first! } : null;
    default:
      return null;
  }
}

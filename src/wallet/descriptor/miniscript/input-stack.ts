// Items of a witness while a satisfaction is put together (Core InputStack): joined and chosen among thousands of times, and so kept as
// trees whose halves are shared.

import { EMPTY_BYTES } from '../../../kernel/util/bytes.ts';

/** Items from the bottom to the top. */
type Items = Uint8Array | { readonly below: Items; readonly above: Items } | null;

/** Items that satisfy an expression, or dissatisfy it. Where there are none, null stands for it. */
export interface InputStack {
  readonly items: Items;
  /** Of all items, each with a byte for its length. */
  readonly bytes: number;
  /** Somebody has signed for it. */
  readonly hasSignature: boolean;
  /** Strangers can make another one of it. */
  readonly isMalleable: boolean;
}

/** No items. */
export const NO_ITEMS: InputStack = Object.freeze({
  items: null,
  bytes: 0,
  hasSignature: false,
  isMalleable: false,
});

/** One item. */
export function oneItem(item: Uint8Array): InputStack {
  return { items: item, bytes: item.length + 1, hasSignature: false, isMalleable: false };
}

/** An empty item. */
export const ZERO_ITEM: InputStack = Object.freeze(oneItem(EMPTY_BYTES));

/** An item of one byte, 1. */
export const ONE_ITEM: InputStack = Object.freeze(oneItem(Uint8Array.of(1)));

/** What is no preimage of anything; any other 32 bytes would do. */
export const WRONG_PREIMAGE: InputStack = Object.freeze({ ...oneItem(new Uint8Array(32)), isMalleable: true });

/** A signature; null when there is none. */
export function signatureItem(signature: Uint8Array | null): InputStack | null {
  return signature === null ? null : { ...oneItem(signature), hasSignature: true };
}

/** The same items, which strangers can change. */
export function asMalleable(stack: InputStack | null): InputStack | null {
  return stack === null || stack.isMalleable ? stack : { ...stack, isMalleable: true };
}

/** One upon the other. */
export function stackUp(below: InputStack | null, above: InputStack | null): InputStack | null {
  if (below === null || above === null) return null;
  return {
    items:
      below.items === null
        ? above.items
        : above.items === null
          ? below.items
          : { below: below.items, above: above.items },
    bytes: below.bytes + above.bytes,
    hasSignature: below.hasSignature || above.hasSignature,
    isMalleable: below.isMalleable || above.isMalleable,
  };
}

/**
 * The one that strangers cannot turn into the other: one without a signature, as they could make it themselves; else one that they cannot
 * change; else the smaller one.
 */
export function choose(a: InputStack | null, b: InputStack | null): InputStack | null {
  if (a === null) return b;
  if (b === null) return a;
  if (a.hasSignature !== b.hasSignature) return a.hasSignature ? b : a;
  const smaller = a.bytes <= b.bytes ? a : b;
  if (!a.hasSignature) return asMalleable(smaller);
  if (a.isMalleable !== b.isMalleable) return a.isMalleable ? b : a;
  return smaller;
}

/** The items as they come in a witness. */
export function toWitness({ items }: InputStack): readonly Uint8Array[] {
  const witness: Uint8Array[] = [];
  const pending: Items[] = [items];
  while (pending.length > 0) {
    const part = pending.pop()!;
    if (part === null) continue;
    if (part instanceof Uint8Array) witness.push(part);
    else pending.push(part.above, part.below);
  }
  return witness;
}

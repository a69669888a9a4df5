// The curve for tests: the fastest backend of this machine, with a memory, since the vectors ask about the same few signatures
// under many sets of flags.

import type { Secp256k1 } from '../../src/kernel/crypto/secp256k1.ts';
import { toHex } from '../../src/kernel/util/bytes.ts';
import { loadSecp256k1 } from '../../src/platform/node/secp256k1.ts';

let loaded: Secp256k1 | null = null;

/** The fastest backend of this machine; loaded once. */
export function getCurve(): Secp256k1 {
  loaded ??= loadSecp256k1().backend;
  return loaded;
}

/** A curve that gives the answers of `curve`, but looks up verifications that it has been asked before. */
export function rememberAnswers(curve: Secp256k1): Secp256k1 {
  const answers = new Map<string, boolean>();
  function recall(key: string, compute: () => boolean): boolean {
    const known = answers.get(key);
    if (known !== undefined) return known;
    const answer = compute();
    answers.set(key, answer);
    return answer;
  }
  return {
    ...curve,
    verifyEcdsa: (signature, digest, key) =>
      recall(`e${toHex(signature)}${toHex(digest)}${toHex(key)}`, () => curve.verifyEcdsa(signature, digest, key)),
    verifySchnorr: (signature, message, key) =>
      recall(`s${toHex(signature)}${toHex(message)}${toHex(key)}`, () => curve.verifySchnorr(signature, message, key)),
    checkXOnlyTweak: (output, parity, internal, tweak) =>
      recall(`t${toHex(output)}${parity}${toHex(internal)}${toHex(tweak)}`, () =>
        curve.checkXOnlyTweak(output, parity, internal, tweak),
      ),
  };
}

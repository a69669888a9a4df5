// Records what a run asks of the curve, so that the same questions can be asked again in a bare loop: what is left of the run's
// time is everything that is not the curve.

import type { Secp256k1 } from '../../src/kernel/crypto/secp256k1.ts';

/** One question to the curve, with copies of its arguments. */
interface Question {
  readonly kind: 'ecdsa' | 'schnorr' | 'tweak';
  readonly a: Uint8Array;
  readonly b: Uint8Array;
  readonly c: Uint8Array;
  readonly parity: 0 | 1;
}

/** Asks recorded questions again. */
export class Recording {
  readonly #questions: Question[] = [];

  /** Signatures that were verified. */
  get signatureCount(): number {
    return this.#questions.filter((question) => question.kind !== 'tweak').length;
  }

  /** Taproot commitments that were checked. */
  get tweakCount(): number {
    return this.#questions.length - this.signatureCount;
  }

  add(question: Question): void {
    this.#questions.push(question);
  }

  /** All questions in a loop, and nothing else. */
  replay(secp: Secp256k1): void {
    for (const { kind, a, b, c, parity } of this.#questions) {
      if (kind === 'ecdsa') secp.verifyEcdsa(a, b, c);
      else if (kind === 'schnorr') secp.verifySchnorr(a, b, c);
      else secp.checkXOnlyTweak(a, parity, b, c);
    }
  }
}

/** A backend that answers like `secp` and writes down every question. */
export function recordQuestions(secp: Secp256k1, recording: Recording): Secp256k1 {
  return {
    ...bindAll(secp),
    verifyEcdsa(signature64, digest32, publicKey) {
      recording.add({ kind: 'ecdsa', a: signature64.slice(), b: digest32.slice(), c: publicKey.slice(), parity: 0 });
      return secp.verifyEcdsa(signature64, digest32, publicKey);
    },
    verifySchnorr(signature64, message, publicKeyX32) {
      recording.add({
        kind: 'schnorr',
        a: signature64.slice(),
        b: message.slice(),
        c: publicKeyX32.slice(),
        parity: 0,
      });
      return secp.verifySchnorr(signature64, message, publicKeyX32);
    },
    checkXOnlyTweak(outputX32, parity, internalX32, tweak32) {
      recording.add({ kind: 'tweak', a: outputX32.slice(), b: internalX32.slice(), c: tweak32.slice(), parity });
      return secp.checkXOnlyTweak(outputX32, parity, internalX32, tweak32);
    },
  };
}

/** A backend that finds every signature good at no cost: what remains is the work around the curve. */
export function assumeGoodSignatures(secp: Secp256k1): Secp256k1 {
  return { ...bindAll(secp), verifyEcdsa: () => true, verifySchnorr: () => true, checkXOnlyTweak: () => true };
}

/** The backend's methods as plain properties, whether it is a class or an object. */
function bindAll(secp: Secp256k1): Secp256k1 {
  return {
    name: secp.name,
    verifyEcdsa: (a, b, c) => secp.verifyEcdsa(a, b, c),
    verifySchnorr: (a, b, c) => secp.verifySchnorr(a, b, c),
    checkXOnlyTweak: (a, b, c, d) => secp.checkXOnlyTweak(a, b, c, d),
    isValidPublicKey: (a) => secp.isValidPublicKey(a),
    isValidXOnlyPublicKey: (a) => secp.isValidXOnlyPublicKey(a),
    isValidSecret: (a) => secp.isValidSecret(a),
    convertPublicKey: (a, b) => secp.convertPublicKey(a, b),
    createPublicKey: (a, b) => secp.createPublicKey(a, b),
    tweakPublicKey: (a, b) => secp.tweakPublicKey(a, b),
    tweakSecret: (a, b) => secp.tweakSecret(a, b),
    tweakXOnly: (a, b) => secp.tweakXOnly(a, b),
    tweakXOnlySecret: (a, b) => secp.tweakXOnlySecret(a, b),
    signEcdsa: (a, b, c) => (c === undefined ? secp.signEcdsa(a, b) : secp.signEcdsa(a, b, c)),
    signSchnorr: (a, b, c) => secp.signSchnorr(a, b, c),
    ecdhX: (a, b) => secp.ecdhX(a, b),
  };
}

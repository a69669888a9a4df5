// Building scripts from operations, pushes and numbers (Core's `CScript() << …`), and the output scripts of the usual templates.
// For wallets, miners and tests; nothing that checks a script uses it.

import { joinBytes } from '../util/bytes.ts';
import { OP } from './opcodes.ts';
import { encodePush, encodeSmallInteger } from './script.ts';
import { encodeScriptNumber } from './script-number.ts';

/**
 * A script in the making.
 *
 * @example
 * const script = new ScriptBuilder().number(2).push(keyA).push(keyB).number(2).op(OP.OP_CHECKMULTISIG).build();
 */
export class ScriptBuilder {
  readonly #parts: Uint8Array[] = [];

  /** Appends one opcode. */
  op(opcode: number): this {
    this.#parts.push(Uint8Array.of(opcode));
    return this;
  }

  /** Appends a push of these bytes, always with a length: see {@link encodePush}. */
  push(data: Uint8Array): this {
    this.#parts.push(encodePush(data));
    return this;
  }

  /** Appends the shortest push of these bytes: OP_0, OP_1NEGATE or OP_1 … OP_16 where one of them means the same. */
  pushMinimal(data: Uint8Array): this {
    const byte = data.length === 1 ? data[0]! : 0;
    if (byte === 0x81) return this.op(OP.OP_1NEGATE);
    return byte >= 1 && byte <= 16 ? this.op(encodeSmallInteger(byte)) : this.push(data);
  }

  /** Appends the shortest push of a number (Core CScript::push_int64): −1 and 0 … 16 as opcodes, others as script numbers. */
  number(value: number): this {
    this.#parts.push(encodeNumberPush(value));
    return this;
  }

  /** Appends bytes as they are. */
  raw(script: Uint8Array): this {
    this.#parts.push(script);
    return this;
  }

  /** The script so far, in a new array. */
  build(): Uint8Array {
    return joinBytes(this.#parts);
  }
}

/** The shortest push of a number: one opcode for −1 and 0 … 16, else a push of its script number. */
export function encodeNumberPush(value: number): Uint8Array {
  if (value === -1) return Uint8Array.of(OP.OP_1NEGATE);
  if (value >= 0 && value <= 16) return Uint8Array.of(encodeSmallInteger(value));
  return encodePush(encodeScriptNumber(value));
}

/** Output script that pays to a public key. */
export function createP2pk(publicKey: Uint8Array): Uint8Array {
  return new ScriptBuilder().push(publicKey).op(OP.OP_CHECKSIG).build();
}

/** Output script that pays to the HASH160 of a public key; also the script that a P2WPKH input signs (BIP143). */
export function createP2pkh(keyHash20: Uint8Array): Uint8Array {
  return new ScriptBuilder()
    .op(OP.OP_DUP)
    .op(OP.OP_HASH160)
    .push(keyHash20)
    .op(OP.OP_EQUALVERIFY)
    .op(OP.OP_CHECKSIG)
    .build();
}

/** Output script that pays to the HASH160 of a redeemScript (BIP16). */
export function createP2sh(scriptHash20: Uint8Array): Uint8Array {
  return new ScriptBuilder().op(OP.OP_HASH160).push(scriptHash20).op(OP.OP_EQUAL).build();
}

/** Output script of a witness program of version 0 … 16 (BIP141): a key hash, a script hash, or a taproot output key. */
export function createWitnessProgram(version: number, program: Uint8Array): Uint8Array {
  return new ScriptBuilder().op(encodeSmallInteger(version)).push(program).build();
}

/** Script that asks for `required` signatures by keys in this order (Core GetScriptForMultisig). */
export function createMultisig(required: number, publicKeys: readonly Uint8Array[]): Uint8Array {
  const builder = new ScriptBuilder().number(required);
  for (const publicKey of publicKeys) builder.push(publicKey);
  return builder.number(publicKeys.length).op(OP.OP_CHECKMULTISIG).build();
}

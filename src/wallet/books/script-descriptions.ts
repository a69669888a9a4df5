// What a wallet says of each of its scripts, whoever asks: its address, how it is spent, the descriptors that it comes from. Derived once
// for each place where a script comes from, since deriving keys and checksums takes far longer than anything that lists do with them;
// what is kept goes with the place when a descriptor makes another one of it.

import type { KeyPrefixes } from '../../kernel/consensus/params.ts';
import { ripemd160 } from '../../kernel/crypto/hash160.ts';
import type { Secp256k1 } from '../../kernel/crypto/secp256k1.ts';
import { isP2sh, isP2wsh } from '../../kernel/script/script.ts';
import { toHex } from '../../kernel/util/bytes.ts';
import { formatAddress } from '../address.ts';
import { inferDescriptor } from '../descriptor/infer.ts';
import type { KeyRing } from '../descriptor/key-ring.ts';
import { finishSteps } from './change-list.ts';
import type { ScriptBook, ScriptPlace } from './script-book.ts';

/** An own script in texts. */
export interface ScriptDescription {
  /** Null: people have no name for such scripts. */
  readonly address: string | null;
  /** Public, with checksum; null: the wallet does not know how it is spent. */
  readonly descriptor: string | null;
  /** The scripts behind a hash, hexadecimal; null where there are none. */
  readonly redeemScript: string | null;
  readonly witnessScript: string | null;
  /** The descriptors that it comes from, public, with checksums. */
  readonly parents: readonly string[];
}

/** Describes scripts. */
export class ScriptDescriptions {
  readonly #scripts: ScriptBook;
  readonly #prefixes: KeyPrefixes;
  readonly #secp: Secp256k1;
  readonly #known: WeakMap<ScriptPlace, ScriptDescription> = new WeakMap();

  constructor(scripts: ScriptBook, prefixes: KeyPrefixes, secp: Secp256k1) {
    this.#scripts = scripts;
    this.#prefixes = prefixes;
    this.#secp = secp;
  }

  /** The description of a script; null when it is not the wallet's. */
  of(script: Uint8Array): ScriptDescription | null {
    const place = this.#scripts.placeOf(script);
    if (place === null) return null;
    const known = this.#known.get(place);
    if (known !== undefined) return known;
    const description = this.#describe(script, place);
    this.#known.set(place, description);
    return description;
  }

  #describe(script: Uint8Array, first: ScriptPlace): ScriptDescription {
    const ring = finishSteps(this.#scripts.solvingData([script]));
    const isSolvable = this.#scripts.descriptorOf(script)?.isSolvable === true;
    return {
      address: formatAddress(script, this.#prefixes),
      descriptor: isSolvable ? inferDescriptor(script, this.#prefixes, this.#secp, ring) : null,
      ...findScripts(script, ring),
      parents: listParents(first),
    };
  }
}

function listParents(first: ScriptPlace): readonly string[] {
  const texts: string[] = [];
  for (let place: ScriptPlace | null = first; place !== null; place = place.next) {
    texts.push(place.descriptor.publicText);
  }
  return texts;
}

/** The scripts behind a script hash. */
function findScripts(script: Uint8Array, ring: KeyRing): Pick<ScriptDescription, 'redeemScript' | 'witnessScript'> {
  const end = script.length;
  if (isP2wsh(script, 0, end))
    return { redeemScript: null, witnessScript: hexOf(ring.witnessScript(script.subarray(2))) };
  const redeemScript = isP2sh(script, 0, end) ? ring.script(script.subarray(2, 22)) : null;
  if (redeemScript === null) return { redeemScript: null, witnessScript: null };
  const isWitness = isP2wsh(redeemScript, 0, redeemScript.length);
  const witnessScript = isWitness ? ring.script(ripemd160(redeemScript.subarray(2))) : null;
  return { redeemScript: toHex(redeemScript), witnessScript: hexOf(witnessScript) };
}

function hexOf(bytes: Uint8Array | null): string | null {
  return bytes === null ? null : toHex(bytes);
}

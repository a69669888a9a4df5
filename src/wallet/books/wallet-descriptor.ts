// A descriptor of the wallet with its range and the scripts that were derived so far (Core DescriptorScriptPubKeyMan without keys,
// WalletDescriptor). It derives one position at a time; which positions are wanted is the script book's to know.

import type { KeyPrefixes } from '../../kernel/consensus/params.ts';
import type { Secp256k1 } from '../../kernel/crypto/secp256k1.ts';
import { sha256 } from '../../kernel/crypto/sha256.ts';
import { assert } from '../../kernel/util/assert.ts';
import { fromHex, toHex } from '../../kernel/util/bytes.ts';
import { encodeUtf8 } from '../../kernel/util/utf8.ts';
import { addDescriptorChecksum } from '../descriptor/checksum.ts';
import {
  type DerivedKey,
  type Descriptor,
  isRanged,
  isSolvable,
  type KeyExpression,
  keysOf,
  mapKeys,
} from '../descriptor/descriptor.ts';
import { DescriptorExpander } from '../descriptor/expand.ts';
import { formatDescriptor, formatUniformDescriptor } from '../descriptor/format.ts';
import { KeyRing } from '../descriptor/key-ring.ts';
import { computeFingerprint, HARDENED_START } from '../keys/extended-key.ts';
import type { AddressType } from './available-coin.ts';
import { type DescriptorSecrets, findKeySecret, walkPublicSteps } from './descriptor-secrets.ts';
import { addressTypeOf, isSingleType } from './output-type.ts';
import type { AddressUse, BookSteps, DescriptorRecord } from './records.ts';

/** What a descriptor is made from. */
export interface WalletDescriptorData {
  /** As it was given. */
  readonly given: Descriptor;
  /** With hardened steps walked (walkHardenedSteps). */
  readonly expandable: Descriptor;
  readonly createdSec: number;
  readonly rangeStart: number;
  readonly rangeEnd: number;
  readonly nextIndex: number;
  readonly activeFor: AddressUse | null;
}

/** The id of a descriptor: nothing but its text decides. */
export function computeDescriptorId(text: string): string {
  return toHex(sha256(encodeUtf8(text)));
}

/** A descriptor at work. */
export class WalletDescriptor {
  readonly id: string;
  /** Public, without checksum. */
  readonly text: string;
  readonly expandableText: string;
  readonly given: Descriptor;
  readonly expandable: Descriptor;
  readonly isRanged: boolean;
  readonly isSolvable: boolean;
  /** The type of its addresses; null where people have no name for it. */
  readonly addressType: AddressType | null;
  readonly rangeStart: number;
  createdSec: number;
  /** The position after the last that is wanted. */
  rangeEnd: number;
  nextIndex: number;
  activeFor: AddressUse | null;
  /** Highest position that a transaction was seen to pay to; -1: none. */
  seenIndex = -1;
  readonly #prefixes: KeyPrefixes;
  readonly #secp: Secp256k1;
  #publicText: string | null = null;
  /** Null: cannot be expanded, a secret is missing. */
  readonly #walked: Descriptor | null;
  readonly #hardenedRows: readonly DerivedKey[];
  /** From `rangeStart` on. */
  readonly #scripts: (readonly Uint8Array[])[] = [];
  /** Of the hardened rows, by position. */
  readonly #publicKeys: Map<number, readonly string[]> = new Map();

  constructor(data: WalletDescriptorData, prefixes: KeyPrefixes, secp: Secp256k1) {
    this.given = data.given;
    this.expandable = data.expandable;
    this.text = formatDescriptor(data.given, prefixes);
    this.expandableText = formatDescriptor(data.expandable, prefixes);
    this.id = computeDescriptorId(this.text);
    this.isRanged = isRanged(data.given);
    this.isSolvable = isSolvable(data.given);
    this.addressType = addressTypeOf(data.given);
    this.rangeStart = data.rangeStart;
    this.createdSec = data.createdSec;
    this.rangeEnd = data.rangeEnd;
    this.nextIndex = data.nextIndex;
    this.activeFor = data.activeFor;
    this.#prefixes = prefixes;
    this.#secp = secp;
    this.#walked = walkPublicSteps(data.expandable, secp);
    this.#hardenedRows = keysOf(data.expandable).filter(isHardenedRow);
  }

  /** What others may read of it, with checksum: hardened steps are walked, and marked in one way. */
  get publicText(): string {
    this.#publicText ??= addDescriptorChecksum(formatUniformDescriptor(this.expandable, this.#prefixes));
    return this.#publicText;
  }

  /** The position after the last that has scripts. */
  get derivedEnd(): number {
    return this.rangeStart + this.#scripts.length;
  }

  /** Positions that were not given out yet (Core GetKeyPoolSize). */
  get poolSize(): number {
    return this.rangeEnd - this.nextIndex;
  }

  /** True when addresses can be taken from it, as far as its form goes. */
  get givesAddresses(): boolean {
    return this.isRanged && isSingleType(this.given);
  }

  /** True when new positions need a secret. */
  get hasHardenedRows(): boolean {
    return this.#hardenedRows.length > 0;
  }

  /** The scripts of a position that was derived. */
  scriptsAt(position: number): readonly Uint8Array[] {
    const scripts = this.#scripts[position - this.rangeStart];
    assert(scripts !== undefined, 'descriptor: the position was derived');
    return scripts;
  }

  /** Derives the next position; null when a secret is missing. Each key is a step, here as below: there may be hundreds. */
  *deriveNext(secrets: DescriptorSecrets | null): BookSteps<readonly Uint8Array[] | null> {
    const position = this.derivedEnd;
    if (!this.#deriveHardened(position, secrets)) return null;
    const scripts = yield* this.expandAt(position, new KeyRing());
    if (scripts !== null) this.#scripts.push(scripts);
    return scripts;
  }

  /** The scripts of a position; keys, scripts and trees go to the ring. */
  *expandAt(position: number, ring: KeyRing): BookSteps<readonly Uint8Array[] | null> {
    if (this.#walked === null) return null;
    const fixed = this.#hardenedRows.length === 0 ? this.#walked : this.#fixHardened(this.#walked, position);
    return fixed === null ? null : yield* new DescriptorExpander(ring, this.#secp).expandSteps(fixed, position);
  }

  /** Adds the private keys of a position to the ring, as far as they are known; true when none is missing. */
  *addSecrets(position: number, secrets: DescriptorSecrets, ring: KeyRing): BookSteps<boolean> {
    let isWhole = true;
    for (const key of keysOf(this.given)) {
      yield;
      const found = findKeySecret(key, position, secrets, this.#secp);
      if (found === null) isWhole = false;
      else ring.addSecret(found, this.#secp);
    }
    return isWhole;
  }

  /** Public keys of the hardened rows at a position that was derived. */
  publicKeysAt(position: number): readonly string[] {
    return this.#publicKeys.get(position) ?? [];
  }

  /** Takes public keys of the hardened rows that were stored. */
  setPublicKeys(position: number, publicKeys: readonly string[]): void {
    this.#publicKeys.set(position, publicKeys);
  }

  record(): DescriptorRecord {
    const { id, text, expandableText, createdSec, rangeStart, rangeEnd, nextIndex, activeFor } = this;
    return { kind: 'descriptor', id, text, expandableText, createdSec, rangeStart, rangeEnd, nextIndex, activeFor };
  }

  #deriveHardened(position: number, secrets: DescriptorSecrets | null): boolean {
    if (this.#hardenedRows.length === 0 || this.#publicKeys.has(position)) return true;
    if (secrets === null) return false;
    const publicKeys: string[] = [];
    for (const key of this.#hardenedRows) {
      const found = findKeySecret(key, position, secrets, this.#secp);
      const publicKey = found === null ? null : this.#secp.createPublicKey(found.secret, true);
      if (publicKey === null) return false;
      publicKeys.push(toHex(publicKey));
    }
    this.#publicKeys.set(position, publicKeys);
    return true;
  }

  /** Puts the stored public keys in the place of the hardened rows; null when there are none for the position. */
  #fixHardened(descriptor: Descriptor, position: number): Descriptor | null {
    const publicKeys = this.#publicKeys.get(position);
    if (publicKeys === undefined || publicKeys.length !== this.#hardenedRows.length) return null;
    let next = 0;
    return mapKeys(descriptor, (key) => {
      if (!isHardenedRow(key)) return key;
      const { root, paths } = key;
      const before = key.origin ?? { fingerprint: computeFingerprint(root.publicKey), path: [] };
      const path = [...before.path, ...paths[0]!, position + HARDENED_START];
      const origin = { fingerprint: before.fingerprint, path, usesApostrophe: false };
      return { kind: 'fixed', publicKey: fromHex(publicKeys[next++]!), isXOnly: false, origin };
    });
  }
}

function isHardenedRow(key: KeyExpression): key is DerivedKey {
  return key.kind === 'derived' && key.range === 'hardened';
}

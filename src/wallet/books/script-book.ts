// The scripts of a wallet: its descriptors with their ranges, and for every output script in the world the answer whether it is one of
// them (Core's ScriptPubKeyMans together). It keeps a stock of scripts ahead of those that were given out, gives out addresses, and
// moves on when a transaction pays to one that it had not given out yet. Secrets are asked for when they are needed and not kept.

import type { KeyPrefixes } from '../../kernel/consensus/params.ts';
import type { Secp256k1 } from '../../kernel/crypto/secp256k1.ts';
import { assert } from '../../kernel/util/assert.ts';
import type { Rng } from '../../kernel/util/prng.ts';
import { err, ok, type Result } from '../../kernel/util/result.ts';
import type { Descriptor } from '../descriptor/descriptor.ts';
import { KeyRing } from '../descriptor/key-ring.ts';
import { parseDescriptor } from '../descriptor/parse.ts';
import type { AddressType } from './available-coin.ts';
import type { ChangeList } from './change-list.ts';
import { type DescriptorSecrets, type SecretsSource, walkHardenedSteps } from './descriptor-secrets.ts';
import { BookRecordError } from './record-error.ts';
import type { AddressUse, BookSteps, DescriptorKeysRecord, DescriptorRecord } from './records.ts';
import { ScriptTable } from './script-table.ts';
import { WalletDescriptor } from './wallet-descriptor.ts';

/** Scripts that are kept ahead (Core DEFAULT_KEYPOOL_SIZE, -keypool). */
export const KEYPOOL_SIZE_DEFAULT = 1000;

/** How a script book works. */
export interface ScriptBookOptions {
  readonly prefixes: KeyPrefixes;
  /** At least 1. */
  readonly keypoolSize: number;
}

/** What a script book needs of others. */
export interface ScriptBookPorts {
  readonly secp: Secp256k1;
  /** For salts. */
  readonly rng: Rng;
  /** For descriptors whose rows are hardened, and for signing. */
  readonly secretsOf: SecretsSource;
}

/** Where a script of the wallet comes from. */
export interface ScriptPlace {
  readonly descriptor: WalletDescriptor;
  readonly position: number;
  /** The next descriptor that makes the same script. */
  readonly next: ScriptPlace | null;
}

/** A script that was given out. */
export interface GivenScript {
  readonly script: Uint8Array;
  readonly descriptorId: string;
  readonly position: number;
}

/** A descriptor that is to be added, or added again with another range (Core importdescriptors). */
export interface DescriptorImport {
  readonly descriptor: Descriptor;
  /** What reading it brought to light; null: only public keys. */
  readonly secrets: DescriptorSecrets | null;
  readonly createdSec: number;
  /** First position, and the one after the last; 0 and 1 without a range. */
  readonly rangeStart: number;
  readonly rangeEnd: number;
  /** Null: goes on where it was, or at the start. */
  readonly nextIndex: number | null;
  /** New addresses of its type come from here then; null: no longer. Has an effect only where addresses can be taken. */
  readonly activeFor: AddressUse | null;
}

/** A script that a transaction showed to be in use, for the address book. */
export interface SeenScript {
  readonly script: Uint8Array;
  /** Null when the descriptor is not active, so that nobody can tell. */
  readonly use: AddressUse | null;
}

/** Why no address could be given, in Core's words. */
const RAN_OUT = 'Error: Keypool ran out, please call keypoolrefill first';
const CANNOT_EXPAND =
  'Cannot expand descriptor. Probably because of hardened derivations without private keys provided';

/** Public keys of hardened rows are stored in records of so many positions. */
const KEYS_PER_RECORD = 100;

/** The descriptors of a wallet and their scripts. */
export class ScriptBook {
  readonly #options: ScriptBookOptions;
  readonly #ports: ScriptBookPorts;
  readonly #descriptors: Map<string, WalletDescriptor> = new Map();
  /** Numbers of `#places` by script. */
  readonly #table: ScriptTable;
  readonly #places: ScriptPlace[] = [];

  constructor(options: ScriptBookOptions, ports: ScriptBookPorts) {
    assert(options.keypoolSize >= 1, 'script book: there is a script to give');
    this.#options = options;
    this.#ports = ports;
    this.#table = new ScriptTable(ports.rng);
  }

  /** The descriptors, in the order in which they came. */
  descriptors(): Iterable<WalletDescriptor> {
    return this.#descriptors.values();
  }

  descriptor(id: string): WalletDescriptor | null {
    return this.#descriptors.get(id) ?? null;
  }

  /** The descriptor that new addresses come from. */
  active(type: AddressType, use: AddressUse): WalletDescriptor | null {
    for (const descriptor of this.#descriptors.values()) {
      if (descriptor.activeFor === use && descriptor.addressType === type) return descriptor;
    }
    return null;
  }

  /** Scripts that exist. */
  get scriptCount(): number {
    return this.#places.length;
  }

  /** Earliest moment that any descriptor may have been paid at; null without descriptors. */
  get birthSec(): number | null {
    let birthSec: number | null = null;
    for (const { createdSec } of this.#descriptors.values()) birthSec = Math.min(birthSec ?? createdSec, createdSec);
    return birthSec;
  }

  /** Addresses that are ready to be given out, of active descriptors (Core KeypoolCountExternalKeys, GetKeyPoolSize). */
  poolSize(use: AddressUse): number {
    let size = 0;
    for (const descriptor of this.#descriptors.values()) if (descriptor.activeFor === use) size += descriptor.poolSize;
    return size;
  }

  /** Whether the script from `start` to `end` is the wallet's. Makes no object. */
  isMine(bytes: Uint8Array, start = 0, end: number = bytes.length): boolean {
    return this.#table.get(bytes, start, end) !== undefined;
  }

  /** Where a script comes from; null when it is not the wallet's. */
  placeOf(script: Uint8Array): ScriptPlace | null {
    const number = this.#table.get(script, 0, script.length);
    return number === undefined ? null : this.#places[number]!;
  }

  /** The descriptor that says most about a script: one that can be spent from, if there is one. */
  descriptorOf(script: Uint8Array): WalletDescriptor | null {
    const first = this.placeOf(script);
    for (let place = first; place !== null; place = place.next)
      if (place.descriptor.isSolvable) return place.descriptor;
    return first?.descriptor ?? null;
  }

  /** All scripts, for filters and lists; of a descriptor from a position on where given. */
  *scripts(descriptorId?: string, from = 0): Generator<Uint8Array, void, void> {
    for (const descriptor of this.#descriptors.values()) {
      if (descriptorId !== undefined && descriptor.id !== descriptorId) continue;
      for (let at = Math.max(from, descriptor.rangeStart); at < descriptor.derivedEnd; at++)
        yield* descriptor.scriptsAt(at);
    }
  }

  /**
   * Adds what is known of spending a script to the ring: public keys, their origins, scripts, trees. With `withSecrets` the private keys
   * as well. False when the script is not the wallet's. Each key that has to be derived is a step.
   */
  *addSolvingData(script: Uint8Array, ring: KeyRing, withSecrets = false): BookSteps<boolean> {
    const first = this.placeOf(script);
    for (let place = first; place !== null; place = place.next) {
      const { descriptor, position } = place;
      yield* descriptor.expandAt(position, ring);
      const secrets = withSecrets ? this.#ports.secretsOf(descriptor.id) : null;
      if (secrets !== null) yield* descriptor.addSecrets(position, secrets, ring);
    }
    return first !== null;
  }

  /** What is known of spending these scripts, in a ring of its own. */
  *solvingData(scripts: Iterable<Uint8Array>, withSecrets = false): BookSteps<KeyRing> {
    const ring = new KeyRing();
    for (const script of scripts) yield* this.addSolvingData(script, ring, withSecrets);
    return ring;
  }

  /**
   * Adds a descriptor, or widens the range of one that is there. The value is its id, the error Core's sentence. Outputs of transactions
   * that are known already may be the wallet's now: the transaction book is to be told (adoptOutputs).
   */
  *add(request: DescriptorImport, changes: ChangeList): BookSteps<Result<string, string>> {
    const { secp } = this.#ports;
    const expandable = walkHardenedSteps(request.descriptor, request.secrets, secp);
    const nextIndex = request.nextIndex ?? request.rangeStart;
    const data = { ...request, given: request.descriptor, expandable, nextIndex, activeFor: null };
    const added = new WalletDescriptor(data, this.#options.prefixes, secp);
    const known = this.#descriptors.get(added.id);
    if (known?.isRanged === true) {
      const isWider = request.rangeStart <= known.rangeStart && request.rangeEnd >= known.rangeEnd;
      if (!isWider) return err(`new range must include current range = [${known.rangeStart},${known.rangeEnd - 1}]`);
    }
    // Never back by itself: an address would be given out twice.
    if (known !== undefined && request.nextIndex === null) added.nextIndex = Math.max(nextIndex, known.nextIndex);
    if (known !== undefined) this.#takeOver(known, added);
    if (!(yield* this.#derive(added, this.#wantedEnd(added), request.secrets, changes))) return err(CANNOT_EXPAND);
    this.#descriptors.set(added.id, added);
    this.#activate(added, request.activeFor, changes);
    changes.put(added.record());
    return ok(added.id);
  }

  /** What a descriptor that is added again keeps of the one before. */
  #takeOver(known: WalletDescriptor, added: WalletDescriptor): void {
    added.activeFor = known.activeFor;
    added.seenIndex = known.seenIndex;
    if (!known.hasHardenedRows) return;
    for (let at = known.rangeStart; at < known.derivedEnd; at++) added.setPublicKeys(at, known.publicKeysAt(at));
  }

  /** Makes a descriptor the one that addresses of its type come from, or ends that. */
  #activate(descriptor: WalletDescriptor, use: AddressUse | null, changes: ChangeList): void {
    if (use !== null && descriptor.addressType !== null && descriptor.givesAddresses) {
      const before = this.active(descriptor.addressType, use);
      if (before !== null && before !== descriptor) {
        before.activeFor = null;
        changes.put(before.record());
      }
      descriptor.activeFor = use;
    } else descriptor.activeFor = null;
  }

  /** Fills the stock of descriptors that give addresses to `size` beyond the next (Core TopUpKeyPool). False: a secret is missing. */
  *topUp(changes: ChangeList, size: number = this.#options.keypoolSize): BookSteps<boolean> {
    let isWhole = true;
    for (const descriptor of this.#descriptors.values()) {
      if (descriptor.activeFor === null) continue;
      isWhole = (yield* this.#topUpOne(descriptor, size, changes)) && isWhole;
    }
    return isWhole;
  }

  /** A new address of a type: its script is given out never again, unless it is released. */
  *newAddress(type: AddressType, use: AddressUse, changes: ChangeList): BookSteps<Result<GivenScript, string>> {
    const descriptor = this.active(type, use);
    if (descriptor === null) return err(`Error: No ${type} addresses available.`);
    yield* this.#topUpOne(descriptor, this.#options.keypoolSize, changes);
    if (descriptor.nextIndex >= descriptor.derivedEnd) {
      // Locked secrets can be had; where there are none, no more addresses ever come.
      return err(this.#ports.secretsOf(descriptor.id) === null ? RAN_OUT : 'No addresses available');
    }
    const position = descriptor.nextIndex++;
    changes.put(descriptor.record());
    return ok({ script: descriptor.scriptsAt(position)[0]!, descriptorId: descriptor.id, position });
  }

  /** Takes a script back that was given out and not used, if nothing was given out since (Core ReturnDestination). */
  release({ descriptorId, position }: GivenScript, changes: ChangeList): void {
    const descriptor = this.#descriptors.get(descriptorId);
    if (descriptor === undefined || descriptor.nextIndex !== position + 1 || descriptor.seenIndex >= position) return;
    descriptor.nextIndex = position;
    changes.put(descriptor.record());
  }

  /**
   * Notes that a transaction pays to a script: it and those before it count as given out, and the stock grows. Returns the scripts that
   * had not been given out (Core MarkUnusedAddresses).
   */
  *markSeen(script: Uint8Array, changes: ChangeList): BookSteps<readonly SeenScript[]> {
    const seen: SeenScript[] = [];
    for (let place = this.placeOf(script); place !== null; place = place.next) {
      const { descriptor, position } = place;
      descriptor.seenIndex = Math.max(descriptor.seenIndex, position);
      for (; descriptor.nextIndex <= position; descriptor.nextIndex++) {
        seen.push({ script: descriptor.scriptsAt(descriptor.nextIndex)[0]!, use: descriptor.activeFor });
        changes.put(descriptor.record());
      }
      yield* this.#topUpOne(descriptor, this.#options.keypoolSize, changes);
    }
    return seen;
  }

  /** Puts the descriptors back that were stored; scripts are derived again. Throws BookRecordError. */
  *restore(descriptors: Iterable<DescriptorRecord>, publicKeys: Iterable<DescriptorKeysRecord>): BookSteps<void> {
    for (const record of descriptors) {
      const given = this.#parse(record.text);
      const data = { ...record, given, expandable: this.#parse(record.expandableText) };
      const restored = new WalletDescriptor(data, this.#options.prefixes, this.#ports.secp);
      this.#descriptors.set(restored.id, restored);
    }
    for (const record of publicKeys) {
      const descriptor = this.#descriptors.get(record.descriptorId);
      for (const [i, keys] of record.publicKeys.entries()) descriptor?.setPublicKeys(record.from + i, keys);
    }
    for (const descriptor of this.#descriptors.values()) {
      yield* this.#derive(descriptor, descriptor.rangeEnd, null, null);
    }
  }

  #parse(text: string): Descriptor {
    const { prefixes } = this.#options;
    const parsed = parseDescriptor(text, { prefixes, secp: this.#ports.secp, ring: new KeyRing() });
    const descriptor = parsed.ok && parsed.value.length === 1 ? parsed.value[0] : undefined;
    if (descriptor === undefined) throw new BookRecordError('descriptor', text);
    return descriptor;
  }

  /** Up to where scripts are wanted when a descriptor is added. */
  #wantedEnd({ isRanged, nextIndex, rangeEnd }: WalletDescriptor): number {
    return isRanged ? Math.max(rangeEnd, nextIndex + this.#options.keypoolSize) : 1;
  }

  *#topUpOne(descriptor: WalletDescriptor, size: number, changes: ChangeList): BookSteps<boolean> {
    if (!descriptor.isRanged) return true;
    const end = Math.max(descriptor.nextIndex + size, descriptor.rangeEnd);
    if (end === descriptor.derivedEnd) return true;
    const isWhole = yield* this.#derive(descriptor, end, this.#ports.secretsOf(descriptor.id), changes);
    changes.put(descriptor.record());
    return isWhole;
  }

  /** Derives up to `end`, a position a step; false when a secret is missing, with what was derived until then. */
  *#derive(
    descriptor: WalletDescriptor,
    end: number,
    secrets: DescriptorSecrets | null,
    changes: ChangeList | null,
  ): BookSteps<boolean> {
    const start = descriptor.derivedEnd;
    while (descriptor.derivedEnd < end) {
      const position = descriptor.derivedEnd;
      const scripts = yield* descriptor.deriveNext(secrets);
      if (scripts === null) break;
      for (const script of scripts) this.#addPlace(script, descriptor, position);
    }
    descriptor.rangeEnd = descriptor.derivedEnd;
    if (changes !== null && descriptor.hasHardenedRows) putPublicKeys(descriptor, start, changes);
    return descriptor.derivedEnd >= end;
  }

  /** The same descriptor with a wider range takes the place of the one before. */
  #addPlace(script: Uint8Array, descriptor: WalletDescriptor, position: number): void {
    const number = this.#table.get(script, 0, script.length);
    let next: ScriptPlace | null = null;
    for (let place = number === undefined ? null : this.#places[number]!; place !== null; place = place.next) {
      if (place.descriptor.id !== descriptor.id) next = { ...place, next };
    }
    const place = { descriptor, position, next };
    if (number !== undefined) this.#places[number] = place;
    else this.#table.set(script, this.#places.push(place) - 1);
  }
}

function putPublicKeys(descriptor: WalletDescriptor, start: number, changes: ChangeList): void {
  const { id: descriptorId, derivedEnd } = descriptor;
  for (let from = start - (start % KEYS_PER_RECORD); from < derivedEnd; from += KEYS_PER_RECORD) {
    const first = Math.max(from, descriptor.rangeStart);
    const publicKeys: (readonly string[])[] = [];
    for (let at = first; at < Math.min(from + KEYS_PER_RECORD, derivedEnd); at++)
      publicKeys.push(descriptor.publicKeysAt(at));
    changes.put({ kind: 'descriptor-keys', id: `${descriptorId}:${from}`, descriptorId, from: first, publicKeys });
  }
}

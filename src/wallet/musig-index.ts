// Who signs together in an input, found by the keys in its scripts (BIP328, BIP373). A PSBT may name thousands of groups and have
// thousands of leaves: what is asked of a group again and again is found out once.

import { hash160 } from '../kernel/crypto/hash160.ts';
import { aggregateMusigKeys } from '../kernel/crypto/musig-keys.ts';
import { equalBytes, toHex } from '../kernel/util/bytes.ts';
import type { KeyOrigin, RingMusig, RingSecret } from './descriptor/key-ring.ts';
import { computeFingerprint } from './keys/extended-key.ts';

/** Who is asked about participants. */
interface ParticipantKeys {
  secret(keyHash: Uint8Array): RingSecret | null;
  origin(keyHash: Uint8Array): KeyOrigin | null;
}

/** A participant of whom something is known here. */
export interface KnownParticipant {
  readonly publicKey: Uint8Array;
  readonly origin: KeyOrigin | null;
  readonly secret: Uint8Array | null;
}

/** Several keys that sign as one. */
export class MusigGroup implements RingMusig {
  readonly aggregateKey: Uint8Array;
  readonly participantKeys: readonly Uint8Array[];
  #isTrue: boolean | null = null;
  #known: readonly KnownParticipant[] | null = null;

  constructor({ aggregateKey, participantKeys }: RingMusig) {
    this.aggregateKey = aggregateKey;
    this.participantKeys = participantKeys;
  }

  /** True when the aggregate is that of the participants: a PSBT may say what it likes. */
  get isTrue(): boolean {
    if (this.#isTrue === null) {
      const actual = aggregateMusigKeys(this.participantKeys);
      this.#isTrue = actual !== null && equalBytes(actual, this.aggregateKey);
    }
    return this.#isTrue;
  }

  /** The participants whose origin or secret is here; `keys` are the same every time. */
  knownParticipants(keys: ParticipantKeys): readonly KnownParticipant[] {
    this.#known ??= this.participantKeys.flatMap((publicKey) => {
      const keyHash = hash160(publicKey);
      const origin = keys.origin(keyHash);
      const secret = keys.secret(keyHash)?.secret ?? null;
      return origin === null && secret === null ? [] : [{ publicKey, origin, secret }];
    });
    return this.#known;
  }
}

/** All groups of an input or output. */
export class MusigIndex {
  readonly #all: Map<string, RingMusig> = new Map();
  /** By the aggregate key in hexadecimal. */
  readonly #groups: Map<string, MusigGroup> = new Map();
  /** By the fingerprint of the aggregate key in hexadecimal. */
  readonly #byFingerprint: Map<string, MusigGroup[]> = new Map();

  /** All of them as they were added, by the aggregate key in hexadecimal. */
  get all(): ReadonlyMap<string, RingMusig> {
    return this.#all;
  }

  /** Adds a group, unless its aggregate is known. */
  add(musig: RingMusig): void {
    const name = toHex(musig.aggregateKey);
    if (this.#groups.has(name)) return;
    const group = new MusigGroup(musig);
    this.#all.set(name, musig);
    this.#groups.set(name, group);
    const fingerprint = toHex(computeFingerprint(musig.aggregateKey));
    const others = this.#byFingerprint.get(fingerprint);
    if (others === undefined) this.#byFingerprint.set(fingerprint, [group]);
    else others.push(group);
  }

  /** Groups whose aggregate is this key, whichever its parity, or what the key's origin begins with. */
  find(xOnlyKey: Uint8Array, origin: KeyOrigin | null): readonly MusigGroup[] {
    const x = toHex(xOnlyKey);
    const direct = [this.#groups.get(`02${x}`), this.#groups.get(`03${x}`)].filter((group) => group !== undefined);
    const derived = origin === null ? [] : (this.#byFingerprint.get(toHex(origin.fingerprint)) ?? []);
    return [...direct, ...derived.filter((group) => !direct.includes(group))];
  }
}

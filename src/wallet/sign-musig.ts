// Signatures that several people make together, through the fields of a PSBT (BIP327, BIP373; Core SignMuSig2): first everybody's
// nonces, then everybody's parts, then the sum of them. Whatever there is leads to the next step.

import { aggregateMusigNonces } from '../kernel/crypto/musig-nonce.ts';
import { MusigSession, type MusigTweak } from '../kernel/crypto/musig-session.ts';
import type { Secp256k1 } from '../kernel/crypto/secp256k1.ts';
import { computeTapTweakHash } from '../kernel/script/taproot.ts';
import { assert } from '../kernel/util/assert.ts';
import { concatBytes, equalBytes, toHex } from '../kernel/util/bytes.ts';
import type { KeyOrigin } from './descriptor/key-ring.ts';
import { createMusigRoot, derivePublicStep } from './keys/extended-key.ts';
import type { KnownParticipant, MusigGroup } from './musig-index.ts';
import type { MusigSigning, SigningKeys, TaprootPlace } from './signature-creator.ts';
import { type MusigShare, nameOfShare, type SignatureData, withLeafHash } from './signature-data.ts';

/** One signature that is to be made. */
interface MusigJob {
  readonly signing: MusigSigning;
  readonly data: SignatureData;
  readonly group: MusigGroup;
  readonly participants: readonly KnownParticipant[];
  readonly tweaks: readonly MusigTweak[];
  /** The key that the signature is for, of 33 bytes. */
  readonly scriptKey: Uint8Array;
  readonly leafHash: Uint8Array | null;
  readonly message: Uint8Array;
}

/**
 * The signature for a key that is the aggregate of several, or derived from it; null while something is missing. What can be done for it
 * now is noted in `data`, and who takes part in it.
 */
export function signMusig(
  keys: SigningKeys,
  signing: MusigSigning | null,
  xOnlyKey: Uint8Array,
  place: TaprootPlace,
  data: SignatureData,
): Uint8Array | null {
  const leafHash = place.kind === 'leaf' ? place.leafHash : null;
  const own = keys.musig(xOnlyKey);
  if (own !== null) data.musigs.add(own);
  const origin = data.tapDerivations.get(toHex(xOnlyKey))?.origin ?? null;
  for (const group of data.musigs.find(xOnlyKey, origin)) {
    const participants = group.knownParticipants(keys);
    noteOrigins(participants, leafHash, data);
    const way = signing === null ? null : findWay(group, xOnlyKey, origin, signing.secp);
    const message = way === null ? null : signing!.message(leafHash);
    if (way === null || message === null || signing === null) continue;
    const { tweaks, scriptKey } = place.kind === 'internal-key' ? addTree(way, place.merkleRoot, signing.secp) : way;
    const signature = signTogether({ signing, data, group, participants, tweaks, scriptKey, leafHash, message });
    if (signature !== null) return signature;
  }
  return null;
}

/** The way from an aggregate to the key of a script. */
interface KeyWay {
  readonly tweaks: readonly MusigTweak[];
  /** Of 33 bytes. */
  readonly scriptKey: Uint8Array;
}

/** No steps to the aggregate itself, else the path that is known of the key (BIP328); null: there is no way, or no such aggregate. */
function findWay(group: MusigGroup, xOnlyKey: Uint8Array, origin: KeyOrigin | null, secp: Secp256k1): KeyWay | null {
  const { aggregateKey } = group;
  const tweaks: MusigTweak[] = [];
  let key = createMusigRoot(aggregateKey);
  const path = equalBytes(aggregateKey.subarray(1), xOnlyKey) ? [] : (origin?.path ?? []);
  for (const childNumber of path) {
    const step = derivePublicStep(key, childNumber, secp);
    if (step === null) return null;
    tweaks.push({ tweak: step.tweak, isXOnly: false });
    key = step.child;
  }
  const isThere = equalBytes(key.publicKey.subarray(1), xOnlyKey);
  return isThere && group.isTrue ? { tweaks, scriptKey: key.publicKey } : null;
}

/** The way on to the output key of a tree over that key (BIP341). */
function addTree({ tweaks, scriptKey }: KeyWay, merkleRoot: Uint8Array | null, secp: Secp256k1): KeyWay {
  const tweak = new Uint8Array(32);
  const internalKey = scriptKey.slice(1);
  computeTapTweakHash(internalKey, 0, merkleRoot, tweak);
  const output = secp.tweakXOnly(internalKey, tweak);
  assert(output !== null, 'musig: a hash is a tweak but in one case of 2^127');
  const outputKey = concatBytes(Uint8Array.of(2 + output.parity), output.x);
  return { tweaks: [...tweaks, { tweak, isXOnly: true }], scriptKey: outputKey };
}

/** Writes down where the participants come from, and in which leaf they stand. */
function noteOrigins(
  participants: readonly KnownParticipant[],
  leafHash: Uint8Array | null,
  data: SignatureData,
): void {
  for (const { publicKey, origin } of participants) {
    if (origin === null) continue;
    const xOnlyKey = publicKey.slice(1);
    const name = toHex(xOnlyKey);
    const known = data.tapDerivations.get(name) ?? { xOnlyKey, leafHashes: [], origin };
    data.tapDerivations.set(name, leafHash === null ? known : withLeafHash(known, leafHash));
  }
}

/** Does the next step: adds up the parts, or signs parts, or gives nonces away. */
function signTogether(job: MusigJob): Uint8Array | null {
  const { signing, data, group, tweaks, message } = job;
  const { participantKeys } = group;
  const nonces = collectAll(job, data.musigNonces);
  if (nonces === null) {
    giveNonces(job);
    return null;
  }
  const aggregateNonce = aggregateMusigNonces(nonces);
  if (aggregateNonce === null) return null;
  const session = MusigSession.open({ publicKeys: participantKeys, tweaks, aggregateNonce, message });
  if (session === null) return null;
  signParts(job, session);
  const parts = collectAll(job, data.musigSignatures);
  if (parts === null) return null;
  if (!parts.every((part, i) => session.verify(part, nonces[i]!, participantKeys[i]!))) return null;
  const signature = session.combine(parts);
  return signature && signing.finish(signature);
}

/** What all participants have given, in their order; null while somebody's is missing. */
function collectAll(job: MusigJob, shares: ReadonlyMap<string, MusigShare>): readonly Uint8Array[] | null {
  const values: Uint8Array[] = [];
  for (const participantKey of job.group.participantKeys) {
    const share = shares.get(nameOfShare(shareOf(job, participantKey)));
    if (share === undefined) return null;
    values.push(share.value);
  }
  return values;
}

function shareOf({ scriptKey, leafHash }: MusigJob, participantKey: Uint8Array): Omit<MusigShare, 'value'> {
  return { aggregateKey: scriptKey, participantKey, leafHash };
}

function giveNonces(job: MusigJob): void {
  const { signing, data, participants, scriptKey, message } = job;
  for (const { publicKey: participantKey, secret } of participants) {
    const share = shareOf(job, participantKey);
    const name = nameOfShare(share);
    if (secret === null || signing.nonces === null || data.musigNonces.has(name)) continue;
    const use = { scriptKey, participantKey, message };
    const value = signing.nonces.create(use, { secret, aggregateKey: scriptKey.slice(1) });
    if (value !== null) data.musigNonces.set(name, { ...share, value });
  }
}

/** Signs for the keys whose secrets are here, if their nonces are ours. */
function signParts(job: MusigJob, session: MusigSession): void {
  const { signing, data, participants, scriptKey, message } = job;
  for (const { publicKey: participantKey, secret } of participants) {
    const share = shareOf(job, participantKey);
    const name = nameOfShare(share);
    if (secret === null || data.musigSignatures.has(name)) continue;
    const publicNonce = data.musigNonces.get(name)!.value;
    const secretNonce = signing.nonces?.take({ scriptKey, participantKey, message }, publicNonce) ?? null;
    if (secretNonce === null) continue;
    const value = session.sign(secretNonce, secret);
    secretNonce.fill(0);
    if (value === null) continue;
    assert(session.verify(value, publicNonce, participantKey), 'musig: the part is good');
    data.musigSignatures.set(name, { ...share, value });
  }
}

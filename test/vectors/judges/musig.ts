// Judges of MuSig2: the vectors of BIP327 (sorting and aggregating keys, nonces, parts of signatures, tweaks) and of BIP328 (extended
// keys from aggregates). Signing with nonces from outside is not judged: it takes a caller who knows no aggregate nonce.

import { aggregateMusigKeys, sortMusigKeys } from '../../../src/kernel/crypto/musig-keys.ts';
import { aggregateMusigNonces, createMusigNonce } from '../../../src/kernel/crypto/musig-nonce.ts';
import { MusigSession, type MusigTweak } from '../../../src/kernel/crypto/musig-session.ts';
import { fromHex, toHex } from '../../../src/kernel/util/bytes.ts';
import { createMusigRoot, formatExtendedPublicKey } from '../../../src/wallet/keys/extended-key.ts';
import { type CaseOutcome, compareOutcome, isInside, type Judge, type VectorFile } from '../judge.ts';
import { isArrayOf, isObject, isText, type JsonObject, listAt, textAt } from '../shape.ts';

const FOLDER = 'bips/bip-0327';

/** Version of extended public keys of the main network. */
const XPUB = 0x0488b21e;

function casesAt(json: JsonObject, key: string): readonly JsonObject[] {
  return listAt(json, key).filter((one): one is JsonObject => isObject(one));
}

function textsAt(json: JsonObject, key: string): readonly string[] {
  return listAt(json, key).filter(isText);
}

/** The texts that a case names by their places, as bytes. */
function picked(json: JsonObject, list: string, row: JsonObject, places: string): readonly Uint8Array[] {
  return listAt(row, places).map((place) => fromHex(textsAt(json, list)[place as number]!));
}

function tweaksOf(json: JsonObject, row: JsonObject): readonly MusigTweak[] {
  const kinds = listAt(row, 'is_xonly');
  return picked(json, 'tweaks', row, 'tweak_indices').map((tweak, i) => ({ tweak, isXOnly: kinds[i] === true }));
}

function commentOf(row: JsonObject): string | undefined {
  return isText(row['comment']) ? row['comment'] : undefined;
}

function hexOrRefused(bytes: Uint8Array | null): string {
  return bytes === null ? 'refused' : toHex(bytes);
}

function isOurs(file: VectorFile, ...keys: readonly string[]): boolean {
  return isInside(file, FOLDER) && isObject(file.tryJson(), ...keys);
}

const sortJudge: Judge = {
  name: 'MuSig2: sorting of keys',
  matches: (file) => isOurs(file, 'pubkeys', 'sorted_pubkeys'),
  *run(file) {
    const json = file.json() as JsonObject;
    const sorted = sortMusigKeys(textsAt(json, 'pubkeys').map(fromHex)).map(toHex);
    yield compareOutcome('all keys', sorted.join(), textsAt(json, 'sorted_pubkeys').join().toLowerCase());
  },
};

/** Recognised by keys and tweaks without nonces. */
const keyJudge: Judge = {
  name: 'MuSig2: aggregates of keys',
  matches: (file) => isOurs(file, 'pubkeys', 'tweaks') && !isOurs(file, 'pnonces'),
  *run(file) {
    const json = file.json() as JsonObject;
    for (const [i, row] of casesAt(json, 'valid_test_cases').entries()) {
      const aggregate = aggregateMusigKeys(picked(json, 'pubkeys', row, 'key_indices'));
      yield compareOutcome(`valid ${i}`, hexOrRefused(aggregate).slice(2), textAt(row, 'expected').toLowerCase());
    }
    for (const [i, row] of casesAt(json, 'error_test_cases').entries()) {
      const publicKeys = picked(json, 'pubkeys', row, 'key_indices');
      const task = {
        publicKeys,
        tweaks: tweaksOf(json, row),
        aggregateNonce: new Uint8Array(66),
        message: new Uint8Array(32),
      };
      yield compareOutcome(`error ${i}`, MusigSession.open(task), null, commentOf(row));
    }
  },
};

const nonceJudge: Judge = {
  name: 'MuSig2: nonces',
  matches: (file) => isInside(file, FOLDER) && casesAt((file.tryJson() ?? {}) as JsonObject, 'test_cases').length > 0,
  *run(file) {
    for (const [i, row] of casesAt(file.json() as JsonObject, 'test_cases').entries()) {
      const optional = (key: string): Uint8Array | undefined => (isText(row[key]) ? fromHex(row[key]) : undefined);
      const [secret, aggregateKey, message, extra] = ['sk', 'aggpk', 'msg', 'extra_in'].map(optional);
      const nonce = createMusigNonce({
        random: fromHex(textAt(row, 'rand_')),
        publicKey: fromHex(textAt(row, 'pk')),
        ...(secret && { secret }),
        ...(aggregateKey && { aggregateKey }),
        ...(message && { message }),
        ...(extra && { extra }),
      });
      const expected = `${textAt(row, 'expected_secnonce')} ${textAt(row, 'expected_pubnonce')}`.toLowerCase();
      yield compareOutcome(`nonce ${i}`, nonce && `${toHex(nonce.secretNonce)} ${toHex(nonce.publicNonce)}`, expected);
    }
  },
};

const nonceSumJudge: Judge = {
  name: 'MuSig2: aggregates of nonces',
  matches: (file) => isOurs(file, 'pnonces', 'valid_test_cases') && !isOurs(file, 'pubkeys'),
  *run(file) {
    const json = file.json() as JsonObject;
    for (const [kind, key] of [
      ['valid', 'valid_test_cases'],
      ['error', 'error_test_cases'],
    ] as const) {
      for (const [i, row] of casesAt(json, key).entries()) {
        const expected = kind === 'valid' ? textAt(row, 'expected').toLowerCase() : 'refused';
        const actual = hexOrRefused(aggregateMusigNonces(picked(json, 'pnonces', row, 'pnonce_indices')));
        yield compareOutcome(`${kind} ${i}`, actual, expected, commentOf(row));
      }
    }
  },
};

/** A session with a case's keys and tweaks; the nonce is the sum of all that the case names, unless it has one of its own. */
function sessionOf(json: JsonObject, row: JsonObject, message: Uint8Array): MusigSession | null {
  const own = isText(row['aggnonce']) ? fromHex(row['aggnonce']) : null;
  const aggregateNonce = own ?? aggregateMusigNonces(picked(json, 'pnonces', row, 'nonce_indices'));
  if (aggregateNonce === null) return null;
  const publicKeys = picked(json, 'pubkeys', row, 'key_indices');
  return MusigSession.open({ publicKeys, tweaks: tweaksOf(json, row), aggregateNonce, message });
}

/** Signs, and looks at the part as the others do. */
function* judgePart(
  session: MusigSession | null,
  name: string,
  json: JsonObject,
  row: JsonObject,
): Iterable<CaseOutcome> {
  const secretNonce = fromHex(isText(json['secnonce']) ? json['secnonce'] : textsAt(json, 'secnonces')[0]!);
  const signer = row['signer_index'] as number;
  const part = session?.sign(secretNonce, fromHex(textAt(json, 'sk'))) ?? null;
  yield compareOutcome(`${name}, signed`, hexOrRefused(part), textAt(row, 'expected').toLowerCase(), commentOf(row));
  const nonce = picked(json, 'pnonces', row, 'nonce_indices')[signer]!;
  const key = picked(json, 'pubkeys', row, 'key_indices')[signer]!;
  yield compareOutcome(`${name}, verified`, part !== null && session!.verify(part, nonce, key), true);
}

const tweakJudge: Judge = {
  name: 'MuSig2: tweaks',
  matches: (file) => isOurs(file, 'secnonce', 'tweaks'),
  *run(file) {
    const json = file.json() as JsonObject;
    const message = fromHex(textAt(json, 'msg'));
    for (const [i, row] of casesAt(json, 'valid_test_cases').entries()) {
      yield* judgePart(sessionOf(json, row, message), `valid ${i}`, json, row);
    }
    for (const [i, row] of casesAt(json, 'error_test_cases').entries()) {
      yield compareOutcome(`error ${i}`, sessionOf(json, row, message), null, commentOf(row));
    }
  },
};

const signJudge: Judge = {
  name: 'MuSig2: parts of signatures',
  matches: (file) => isOurs(file, 'secnonces', 'verify_fail_test_cases'),
  *run(file) {
    const json = file.json() as JsonObject;
    const messages = textsAt(json, 'msgs').map(fromHex);
    for (const [i, row] of casesAt(json, 'valid_test_cases').entries()) {
      yield* judgePart(sessionOf(json, row, messages[row['msg_index'] as number]!), `valid ${i}`, json, row);
    }
    for (const [i, row] of casesAt(json, 'sign_error_test_cases').entries()) {
      const aggregateNonce = fromHex(textsAt(json, 'aggnonces')[row['aggnonce_index'] as number]!);
      const message = messages[row['msg_index'] as number]!;
      const publicKeys = picked(json, 'pubkeys', row, 'key_indices');
      const session = MusigSession.open({ publicKeys, tweaks: [], aggregateNonce, message });
      const secretNonce = fromHex(textsAt(json, 'secnonces')[row['secnonce_index'] as number]!);
      const part = session?.sign(secretNonce, fromHex(textAt(json, 'sk'))) ?? null;
      yield compareOutcome(`sign error ${i}`, hexOrRefused(part), 'refused', commentOf(row));
    }
    for (const key of ['verify_fail_test_cases', 'verify_error_test_cases']) {
      for (const [i, row] of casesAt(json, key).entries()) {
        const session = sessionOf(json, row, messages[row['msg_index'] as number]!);
        const signer = row['signer_index'] as number;
        const nonce = picked(json, 'pnonces', row, 'nonce_indices')[signer]!;
        const publicKey = picked(json, 'pubkeys', row, 'key_indices')[signer]!;
        const isGood = session?.verify(fromHex(textAt(row, 'sig')), nonce, publicKey) ?? false;
        yield compareOutcome(`${key} ${i}`, isGood, false, commentOf(row));
      }
    }
  },
};

const combineJudge: Judge = {
  name: 'MuSig2: signatures out of parts',
  matches: (file) => isOurs(file, 'psigs', 'valid_test_cases'),
  *run(file) {
    const json = file.json() as JsonObject;
    const message = fromHex(textAt(json, 'msg'));
    for (const [i, row] of casesAt(json, 'valid_test_cases').entries()) {
      const signature = sessionOf(json, row, message)?.combine(picked(json, 'psigs', row, 'psig_indices')) ?? null;
      yield compareOutcome(`valid ${i}`, hexOrRefused(signature), textAt(row, 'expected').toLowerCase());
    }
    for (const [i, row] of casesAt(json, 'error_test_cases').entries()) {
      const signature = sessionOf(json, row, message)?.combine(picked(json, 'psigs', row, 'psig_indices')) ?? null;
      yield compareOutcome(`error ${i}`, signature, null, commentOf(row));
    }
  },
};

/** Rows {keys, aggregate_pubkey, xpub} of BIP328. */
const rootJudge: Judge = {
  name: 'MuSig2: extended keys',
  matches: (file) => {
    const json = isInside(file, 'bips/bip-0328') ? file.tryJson() : null;
    return isArrayOf(json, (row): row is JsonObject => isObject(row, 'aggregate_pubkey', 'xpub'));
  },
  *run(file) {
    for (const [i, row] of (file.json() as readonly JsonObject[]).entries()) {
      const aggregate = aggregateMusigKeys(textsAt(row, 'keys').map(fromHex));
      yield compareOutcome(`aggregate ${i}`, hexOrRefused(aggregate), textAt(row, 'aggregate_pubkey'));
      const xpub = aggregate && formatExtendedPublicKey(createMusigRoot(aggregate), XPUB);
      yield compareOutcome(`extended key ${i}`, xpub, textAt(row, 'xpub'));
    }
  },
};

export const judges: readonly Judge[] = [
  sortJudge,
  signJudge,
  tweakJudge,
  combineJudge,
  keyJudge,
  nonceJudge,
  nonceSumJudge,
  rootJudge,
];

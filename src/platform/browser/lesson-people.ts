// The people of the ledger that lessons play on: a key for each, the script that pays him, and his signature under payments.

import { encodeSignatureDer } from '../../kernel/crypto/der.ts';
import { hash160 } from '../../kernel/crypto/hash160.ts';
import { nobleSecp256k1 } from '../../kernel/crypto/secp256k1-noble.ts';
import { sha256d } from '../../kernel/crypto/sha256.ts';
import type { Outpoint } from '../../kernel/primitives/outpoint.ts';
import {
  buildTransaction,
  type Transaction,
  type TransactionInput,
  type TransactionOutput,
} from '../../kernel/primitives/transaction.ts';
import { createP2pkh, createWitnessProgram } from '../../kernel/script/script-builder.ts';
import { SighashContext } from '../../kernel/script/sighash.ts';
import { SIGHASH } from '../../kernel/script/sighash-type.ts';
import { assert } from '../../kernel/util/assert.ts';
import { concatBytes, EMPTY_BYTES } from '../../kernel/util/bytes.ts';
import { encodeUtf8 } from '../../kernel/util/utf8.ts';

/** Who plays: the reader, two others, and the miners whom nobody asks. */
export const PEOPLE = ['you', 'baker', 'miller', 'miners'] as const;

/** One of them. */
export type PersonName = (typeof PEOPLE)[number];

/** A coin of a payment: where it is, what it is worth, whose it is. */
export interface OwnedCoin {
  readonly outpoint: Outpoint;
  readonly valueSat: number;
  readonly owner: PersonName;
}

interface Person {
  readonly secret: Uint8Array;
  readonly publicKey: Uint8Array;
  readonly keyHash: Uint8Array;
}

/** Keys of a play may follow from names: they hold no money. */
function createPerson(name: PersonName): Person {
  const secret = sha256d(encodeUtf8(`lesson key of ${name}`));
  const publicKey = nobleSecp256k1.createPublicKey(secret, true);
  assert(publicKey !== null, 'the key of a play');
  return { secret, publicKey, keyHash: hash160(publicKey) };
}

const KNOWN = new Map<PersonName, Person>();

function personOf(name: PersonName): Person {
  const known = KNOWN.get(name) ?? createPerson(name);
  KNOWN.set(name, known);
  return known;
}

/** The script that pays a person (P2WPKH). */
export function scriptOf(name: PersonName): Uint8Array {
  return createWitnessProgram(0, personOf(name).keyHash);
}

/** Final, without a lock. */
const SEQUENCE = 0xffff_ffff;

/** A payment out of coins, signed with the keys of `signer`: whether that is their owner is for the kernel to say. */
export function signPayment(
  coins: readonly OwnedCoin[],
  outputs: readonly TransactionOutput[],
  signer: PersonName,
): Transaction {
  const inputs = coins.map(({ outpoint }) => ({ prevout: outpoint, scriptSig: EMPTY_BYTES, sequence: SEQUENCE }));
  const unsigned = buildTransaction({ version: 2, inputs, outputs, locktime: 0 });
  const context = new SighashContext();
  context.reset(unsigned, null);
  const { secret, publicKey, keyHash } = personOf(signer);
  const script = createP2pkh(keyHash);
  const signed: TransactionInput[] = inputs.map((input, i) => {
    const digest = new Uint8Array(32);
    context.computeWitnessV0(i, script, 0, script.length, coins[i]!.valueSat, SIGHASH.ALL, digest);
    const signature = nobleSecp256k1.signEcdsa(digest, secret);
    assert(signature !== null, 'the secret of a key signs');
    const witness = [concatBytes(encodeSignatureDer(signature), Uint8Array.of(SIGHASH.ALL)), publicKey];
    return { ...input, witness };
  });
  return buildTransaction({ version: 2, inputs: signed, outputs, locktime: 0 });
}

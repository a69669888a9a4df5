// The owner of every coin of a generated chain: addresses of all kinds, derived from their numbers, and signatures for them.
// Keys are no secret and the auxiliary bytes of Schnorr signatures are zero, so that the same chain always has the same bytes.

import { encodeSignatureDer } from '../../src/kernel/crypto/der.ts';
import { hash160 } from '../../src/kernel/crypto/hash160.ts';
import type { Secp256k1 } from '../../src/kernel/crypto/secp256k1.ts';
import { sha256 } from '../../src/kernel/crypto/sha256.ts';
import { SpentOutputs } from '../../src/kernel/primitives/spent-outputs.ts';
import {
  buildTransaction,
  type Transaction,
  type TransactionData,
  type TransactionInput,
  type TransactionOutput,
} from '../../src/kernel/primitives/transaction.ts';
import { OP } from '../../src/kernel/script/opcodes.ts';
import { encodePush } from '../../src/kernel/script/script.ts';
import {
  createMultisig,
  createP2pkh,
  createP2sh,
  createWitnessProgram,
  ScriptBuilder,
} from '../../src/kernel/script/script-builder.ts';
import { NO_CODE_SEPARATOR, SighashContext } from '../../src/kernel/script/sighash.ts';
import { SIGHASH } from '../../src/kernel/script/sighash-type.ts';
import { TAPROOT_LEAF_TAPSCRIPT } from '../../src/kernel/script/taproot.ts';
import { createTaprootOutput, type TaprootOutput } from '../../src/kernel/script/taproot-builder.ts';
import { concatBytes, EMPTY_BYTES } from '../../src/kernel/util/bytes.ts';
import type { CoinKind } from './chain-profile.ts';

/** SIGHASH_SINGLE with ANYONECANPAY: the signer sells one coin for one output, and others complete the transaction. */
export const OFFER_HASH_TYPE: number = SIGHASH.SINGLE | SIGHASH.ANYONECANPAY;

/** What an input needs besides its outpoint. */
type Unlocking = Pick<TransactionInput, 'scriptSig' | 'witness'>;

/** What signing one input of a transaction can ask for. */
interface SigningTask {
  readonly context: SighashContext;
  readonly inputIndex: number;
  readonly valueSat: number;
  /** True: as an offer instead of for the whole transaction. */
  readonly isOffer: boolean;
}

/** What verifying an input costs. */
export interface CurveWork {
  readonly signatures: number;
  /** ECDSA checks; a multisig makes more than it has signatures, because it tries keys in turn. */
  readonly ecdsaChecks: number;
  readonly schnorrChecks: number;
  /** Taproot commitments. */
  readonly tweakChecks: number;
}

const ONE_ECDSA: CurveWork = { signatures: 1, ecdsaChecks: 1, schnorrChecks: 0, tweakChecks: 0 };
const ONE_SCHNORR: CurveWork = { signatures: 1, ecdsaChecks: 0, schnorrChecks: 1, tweakChecks: 0 };

/** A script and the way to satisfy it. */
export interface Address {
  readonly kind: CoinKind;
  readonly scriptPubKey: Uint8Array;
  readonly work: CurveWork;
  /** Virtual bytes of an input that spends it, about. */
  readonly inputVb: number;
  unlock(task: SigningTask): Unlocking;
}

const ZERO_32 = new Uint8Array(32);

/** Makes addresses of one curve backend and signs with them. */
export class ChainWallet {
  readonly #secp: Secp256k1;
  readonly #kindOf: (index: number) => CoinKind;
  readonly #addresses: (Address | undefined)[] = [];
  readonly #context: SighashContext = new SighashContext();
  readonly #digest: Uint8Array = new Uint8Array(32);

  /** `kindOf` tells the kind of each address; it is asked once for each. */
  constructor(secp: Secp256k1, kindOf: (index: number) => CoinKind) {
    this.#secp = secp;
    this.#kindOf = kindOf;
  }

  /** Address number `index`, made when first asked for. */
  address(index: number): Address {
    const known = this.#addresses[index];
    if (known !== undefined) return known;
    const address = this.#createAddress(index);
    this.#addresses[index] = address;
    return address;
  }

  /**
   * The transaction with all inputs signed. `spent` and `addresses` go with the inputs; `offers` are the inputs to be signed as
   * offers, which need an output of the same index.
   */
  sign(
    unsigned: TransactionData,
    spent: readonly TransactionOutput[],
    addresses: readonly Address[],
    offers: ReadonlySet<number>,
  ): Transaction {
    const context = this.#context;
    context.reset(buildTransaction(unsigned), SpentOutputs.pack(spent));
    const inputs = unsigned.inputs.map((input, inputIndex): TransactionInput => {
      const task = { context, inputIndex, valueSat: spent[inputIndex]!.valueSat, isOffer: offers.has(inputIndex) };
      return { ...input, ...addresses[inputIndex]!.unlock(task) };
    });
    return buildTransaction({ ...unsigned, inputs });
  }

  #createAddress(index: number): Address {
    const kind = this.#kindOf(index);
    switch (kind) {
      case 'p2pkh':
        return this.#createKeyHash(index);
      case 'p2wpkh':
        return this.#createWitnessKeyHash(index);
      case 'p2sh-p2wpkh':
        return this.#createNestedKeyHash(index);
      case 'p2wsh-multisig':
        return this.#createMultisig(index);
      case 'p2tr-key':
        return this.#createTaprootKey(index);
      case 'p2tr-script':
        return this.#createTaprootScript(index);
    }
  }

  #createKeyHash(index: number): Address {
    const { secret, publicKey } = this.#key(index);
    const scriptPubKey = createP2pkh(hash160(publicKey));
    const keyPush = encodePush(publicKey);
    return {
      kind: 'p2pkh',
      work: ONE_ECDSA,
      scriptPubKey,
      inputVb: 148,
      unlock: ({ context, inputIndex, isOffer }) => {
        const hashType = isOffer ? OFFER_HASH_TYPE : SIGHASH.ALL;
        context.computeLegacy(inputIndex, scriptPubKey, 0, scriptPubKey.length, hashType, this.#digest);
        return { scriptSig: concatBytes(encodePush(this.#signEcdsa(secret, hashType)), keyPush) };
      },
    };
  }

  #createWitnessKeyHash(index: number): Address {
    const { secret, publicKey } = this.#key(index);
    const keyHash = hash160(publicKey);
    const script = createP2pkh(keyHash);
    return {
      kind: 'p2wpkh',
      work: ONE_ECDSA,
      scriptPubKey: createWitnessProgram(0, keyHash),
      inputVb: 68,
      unlock: (task) => ({
        scriptSig: EMPTY_BYTES,
        witness: [this.#signWitnessV0(task, script, secret), publicKey],
      }),
    };
  }

  #createNestedKeyHash(index: number): Address {
    const inner = this.#createWitnessKeyHash(index);
    const scriptSig = encodePush(inner.scriptPubKey);
    return {
      kind: 'p2sh-p2wpkh',
      work: ONE_ECDSA,
      scriptPubKey: createP2sh(hash160(inner.scriptPubKey)),
      inputVb: 91,
      unlock: (task) => ({ ...inner.unlock(task), scriptSig }),
    };
  }

  /** Two of three. Signatures are tried against the last keys first: a silent key that is not the first costs a check. */
  #createMultisig(index: number): Address {
    const keys = [0, 1, 2].map((member) => this.#key(index, member));
    const script = createMultisig(
      2,
      keys.map(({ publicKey }) => publicKey),
    );
    const silent = index % 3;
    const signers = keys.filter((_, member) => member !== silent);
    return {
      kind: 'p2wsh-multisig',
      work: { signatures: 2, ecdsaChecks: silent === 0 ? 2 : 3, schnorrChecks: 0, tweakChecks: 0 },
      scriptPubKey: createWitnessProgram(0, sha256(script)),
      inputVb: 105,
      unlock: (task) => ({
        scriptSig: EMPTY_BYTES,
        witness: [EMPTY_BYTES, ...signers.map(({ secret }) => this.#signWitnessV0(task, script, secret)), script],
      }),
    };
  }

  #createTaprootKey(index: number): Address {
    const { secret, publicKey } = this.#key(index);
    const output = this.#taprootOutput(publicKey.subarray(1));
    const tweaked = this.#need(this.#secp.tweakXOnlySecret(secret, output.tweak));
    return {
      kind: 'p2tr-key',
      work: ONE_SCHNORR,
      scriptPubKey: output.scriptPubKey,
      inputVb: 58,
      unlock: (task) => ({ scriptSig: EMPTY_BYTES, witness: [this.#signTaproot(task, tweaked, null)] }),
    };
  }

  /** A tree of two leaves, of which one is ever seen: a single key's. */
  #createTaprootScript(index: number): Address {
    const { secret, publicKey } = this.#key(index);
    const internalKey = this.#key(index, 1).publicKey.subarray(1);
    const script = new ScriptBuilder().push(publicKey.subarray(1)).op(OP.OP_CHECKSIG).build();
    const output = this.#taprootOutput(internalKey, script);
    const { controlBlock, tapleafHash } = output.leaves[0]!;
    return {
      kind: 'p2tr-script',
      work: { ...ONE_SCHNORR, tweakChecks: 1 },
      scriptPubKey: output.scriptPubKey,
      inputVb: 83,
      unlock: (task) => ({
        scriptSig: EMPTY_BYTES,
        witness: [this.#signTaproot(task, secret, tapleafHash), script, controlBlock],
      }),
    };
  }

  #taprootOutput(internalKey: Uint8Array, script?: Uint8Array): TaprootOutput {
    const leaves =
      script === undefined
        ? []
        : [
            { depth: 1, script, leafVersion: TAPROOT_LEAF_TAPSCRIPT },
            { depth: 1, tapHash: sha256(script) },
          ];
    return this.#need(createTaprootOutput(this.#secp, internalKey, leaves));
  }

  #signWitnessV0(task: SigningTask, script: Uint8Array, secret: Uint8Array): Uint8Array {
    const hashType = task.isOffer ? OFFER_HASH_TYPE : SIGHASH.ALL;
    task.context.computeWitnessV0(task.inputIndex, script, 0, script.length, task.valueSat, hashType, this.#digest);
    return this.#signEcdsa(secret, hashType);
  }

  /** The DER signature over the digest, with its hash type. */
  #signEcdsa(secret: Uint8Array, hashType: number): Uint8Array {
    const signature = this.#need(this.#secp.signEcdsa(this.#digest, secret));
    return concatBytes(encodeSignatureDer(signature), Uint8Array.of(hashType));
  }

  #signTaproot(task: SigningTask, secret: Uint8Array, tapleafHash: Uint8Array | null): Uint8Array {
    const hashType = task.isOffer ? OFFER_HASH_TYPE : SIGHASH.DEFAULT;
    task.context.computeTaproot(task.inputIndex, hashType, null, tapleafHash, NO_CODE_SEPARATOR, this.#digest);
    const signature = this.#need(this.#secp.signSchnorr(this.#digest, secret, ZERO_32));
    return task.isOffer ? concatBytes(signature, Uint8Array.of(hashType)) : signature;
  }

  #key(index: number, member = 0): { readonly secret: Uint8Array; readonly publicKey: Uint8Array } {
    const secret = sha256(new TextEncoder().encode(`key ${member} of address ${index} of a generated chain`));
    return { secret, publicKey: this.#need(this.#secp.createPublicKey(secret, true)) };
  }

  #need<T>(result: T | null): T {
    if (result === null) throw new Error(`${this.#secp.name} refuses a key of the generated chain`);
    return result;
  }
}

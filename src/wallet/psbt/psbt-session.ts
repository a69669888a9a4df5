// A PSBT while it is worked on: inputs are signed and finalized, outputs described, and what nobody needs is left out (Core
// SignPSBTInput, PSBTInputSignedAndVerified, UpdatePSBTOutput, RemoveUnnecessaryTransactions). The outputs that inputs spend are taken
// when it is opened.

import type { Secp256k1 } from '../../kernel/crypto/secp256k1.ts';
import type { Transaction, TransactionOutput } from '../../kernel/primitives/transaction.ts';
import { isP2tr, witnessProgramVersion } from '../../kernel/script/script.ts';
import { isAnyoneCanPay, SIGHASH } from '../../kernel/script/sighash-type.ts';
import { classifyOutput } from '../../kernel/script/solver.ts';
import { EMPTY_BYTES } from '../../kernel/util/bytes.ts';
import type { MusigNonces } from '../musig-nonces.ts';
import {
  hideKeys,
  PLACEHOLDER_SIGNER,
  type SignatureCreator,
  type SigningKeys,
  TransactionSigner,
} from '../signature-creator.ts';
import type { SignatureData } from '../signature-data.ts';
import { produceScripts } from '../signer.ts';
import { Spending } from '../spending.ts';
import { isFinalInput, type Psbt, type PsbtInput, type PsbtOutput } from './psbt.ts';
import { spentOutputOf, toUnsignedTransaction } from './psbt-transaction.ts';
import { fromOutputData, fromSignatureData, toOutputData, toSignatureData } from './signature-fields.ts';

/** Why an input or a whole PSBT is not signed (Core PSBTError). */
export type PsbtFault = 'missing-inputs' | 'sighash-mismatch' | 'incomplete' | 'invalid-tx';

const FAULT_TEXTS: Readonly<Record<PsbtFault, string>> = Object.freeze({
  'missing-inputs': 'Inputs missing or spent',
  'sighash-mismatch': 'Specified sighash value does not match value stored in PSBT',
  incomplete: 'Input needs additional signatures or other data',
  'invalid-tx': 'The transaction cannot be valid',
});

/** The fault in Core's words. */
export function describePsbtFault(fault: PsbtFault): string {
  return FAULT_TEXTS[fault];
}

/** How inputs are signed. */
export interface InputSigning {
  /** Bits of SIGHASH; null: what is usual, ALL or of taproot DEFAULT. What the PSBT asks for must be the same. */
  readonly hashType: number | null;
  /** Whether complete inputs get their final scripts. */
  readonly finalizes: boolean;
  /** Secret nonces of signatures that several people make together; without, none are begun. */
  readonly musigNonces?: MusigNonces;
}

/** What came of one input. */
export interface InputOutcome {
  /** Null: it is complete. */
  readonly fault: PsbtFault | null;
  /** What was found out on the way; null where nothing was tried. */
  readonly data: SignatureData | null;
}

/** Signs nothing: outputs are only described. */
const NO_SIGNER: SignatureCreator = Object.freeze({
  musig: null,
  ecdsa: () => null,
  schnorr: () => null,
  reachesLocktime: () => false,
  reachesSequence: () => false,
  accepts: () => false,
});

/** One PSBT under work. */
export class PsbtSession {
  readonly #psbt: Psbt;
  readonly #secp: Secp256k1;
  readonly #spending: Spending;
  readonly #inputs: PsbtInput[];
  readonly #outputs: PsbtOutput[];

  private constructor(psbt: Psbt, transaction: Transaction, secp: Secp256k1) {
    this.#psbt = psbt;
    this.#secp = secp;
    this.#spending = new Spending(transaction, psbt.inputs.map(spentOutputOf), secp);
    this.#inputs = psbt.inputs.slice();
    this.#outputs = psbt.outputs.slice();
  }

  /** Null when the PSBT is of no transaction: its inputs ask for locktimes that do not go together. */
  static open(psbt: Psbt, secp: Secp256k1): PsbtSession | null {
    const transaction = toUnsignedTransaction(psbt);
    return transaction === null ? null : new PsbtSession(psbt, transaction, secp);
  }

  get inputCount(): number {
    return this.#inputs.length;
  }

  get outputCount(): number {
    return this.#outputs.length;
  }

  input(i: number): PsbtInput {
    return this.#inputs[i]!;
  }

  /** The PSBT as it is now. */
  finish(): Psbt {
    return { ...this.#psbt, inputs: this.#inputs.slice(), outputs: this.#outputs.slice() };
  }

  /** True when the final scripts of an input spend its output. */
  isSigned(i: number): boolean {
    const input = this.input(i);
    const output = this.#spending.output(i);
    if (output === null || !(isFinalInput(input) || maySpendByNothing(output))) return false;
    const scripts = { scriptSig: input.finalScriptSig ?? EMPTY_BYTES, witness: input.finalWitness ?? [] };
    return this.#spending.verify(i, scripts) === null;
  }

  /** Adds what the keys know of an input, and their signatures. */
  signInput(i: number, keys: SigningKeys, signing: InputSigning): InputOutcome {
    return this.#solveInput(i, keys, signing, false);
  }

  /** Finishes an input with placeholders in place of the signatures that are missing: to see how large it will be. */
  fillInput(i: number, keys: SigningKeys): InputOutcome {
    return this.#solveInput(i, keys, { hashType: null, finalizes: true }, true);
  }

  #solveInput(i: number, keys: SigningKeys, signing: InputSigning, usesPlaceholders: boolean): InputOutcome {
    if (this.isSigned(i)) return { fault: null, data: null };
    const input = this.input(i);
    const output = spentOutputOf(input);
    if (output === null) return { fault: 'missing-inputs', data: null };
    const isTaproot = isP2tr(output.scriptPubKey, 0, output.scriptPubKey.length);
    const usual = isTaproot ? SIGHASH.DEFAULT : SIGHASH.ALL;
    const hashType = signing.hashType ?? usual;
    if (input.sighashType !== null && input.sighashType !== hashType) return { fault: 'sighash-mismatch', data: null };
    // A hash type other than the usual is written down; DEFAULT is what taproot calls ALL.
    const isUsual = hashType === usual || hashType === SIGHASH.DEFAULT;
    if (!isUsual) this.#inputs[i] = { ...input, sighashType: hashType };
    if (!hasHashType(input, hashType)) return { fault: 'sighash-mismatch', data: null };
    const data = toSignatureData(input);
    const creator = usesPlaceholders
      ? PLACEHOLDER_SIGNER
      : new TransactionSigner(this.#spending, i, hashType, this.#secp, signing.musigNonces ?? null);
    produceScripts(output.scriptPubKey, keys, creator, data);
    // Nobody has proved that the output is what the PSBT says: only a signature that commits to its value may be made from it.
    if (input.nonWitnessUtxo === null && !data.isWitness) return { fault: 'incomplete', data: null };
    this.#learn(i, data, output, data.isComplete && signing.finalizes);
    return { fault: data.isComplete ? null : 'incomplete', data };
  }

  #learn(i: number, data: SignatureData, output: TransactionOutput, isFinal: boolean): void {
    const input = fromSignatureData(this.input(i), data, isFinal);
    this.#inputs[i] = data.isWitness ? { ...input, witnessUtxo: output } : input;
  }

  /** Adds what the keys know of an output: scripts, keys, and where they come from. Secrets are not asked for. */
  updateOutput(j: number, keys: SigningKeys): void {
    const output = this.#outputs[j]!;
    const data = toOutputData(output, this.#secp);
    const shown = hideKeys(keys, { secrets: true, origins: false });
    produceScripts(output.scriptPubKey, shown, NO_SIGNER, data);
    this.#outputs[j] = fromOutputData(output, data);
  }

  /**
   * Leaves out whole transactions where all inputs are of version 1 or later: their signatures commit to every value that is spent. One
   * input of another kind, or one that anyone may add inputs to, and they stay.
   */
  dropPreviousTransactions(): void {
    if (!this.#inputs.every(commitsToAllValues)) return;
    for (const [i, input] of this.#inputs.entries()) this.#inputs[i] = { ...input, nonWitnessUtxo: null };
  }
}

/** True for outputs that no signature may be needed for. */
function maySpendByNothing({ scriptPubKey }: TransactionOutput): boolean {
  const type = classifyOutput(scriptPubKey, 0, scriptPubKey.length);
  return type === 'nonstandard' || type === 'anchor' || type === 'witness_unknown';
}

/** True when all signatures of an input have the hash type. */
function hasHashType(input: PsbtInput, hashType: number): boolean {
  const { tapKeySignature, tapScriptSignatures, partialSignatures } = input;
  const taproot = Array.from(tapScriptSignatures.values(), ({ signature }) => signature);
  if (tapKeySignature !== null) taproot.push(tapKeySignature);
  if (hashType === SIGHASH.DEFAULT) return taproot.every(({ length }) => length === 64);
  return (
    taproot.every((signature) => signature.length === 65 && signature[64] === hashType) &&
    [...partialSignatures.values()].every(({ signature }) => signature.at(-1) === hashType)
  );
}

function commitsToAllValues({ witnessUtxo, sighashType }: PsbtInput): boolean {
  if (witnessUtxo === null) return false;
  const { scriptPubKey } = witnessUtxo;
  if (witnessProgramVersion(scriptPubKey, 0, scriptPubKey.length) < 1) return false;
  return sighashType === null || !isAnyoneCanPay(sighashType);
}

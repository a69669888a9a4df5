// What a partially signed transaction says, of both versions (BIP174, BIP370), as one kind of data. What a person reviews before signing
// is read from here, never from the form that it was made with.

import { toSat } from '../format/amount.ts';

/** An input. */
export interface PsbtInput {
  readonly txid: string;
  readonly index: number;
  /** Null: it does not say what it spends. */
  readonly valueSat: number | null;
  readonly address: string | null;
  readonly hasSignature: boolean;
}

/** An output. */
export interface PsbtOutput {
  readonly valueSat: number;
  readonly scriptHex: string;
  /** Null: no script that has an address. */
  readonly address: string | null;
}

/** What it says. */
export interface PsbtContent {
  readonly inputs: readonly PsbtInput[];
  readonly outputs: readonly PsbtOutput[];
  /** Null: an input does not say what it spends. */
  readonly feeSat: number | null;
}

interface ScriptAnswer {
  readonly hex: string;
  readonly address?: string;
}

interface OutputAnswer {
  readonly value: number;
  readonly scriptPubKey: ScriptAnswer;
}

/** A decoded transaction, as far as it is used. */
export interface TransactionAnswer {
  readonly vin: readonly { readonly txid?: string; readonly vout?: number }[];
  readonly vout: readonly OutputAnswer[];
}

interface PsbtInputAnswer {
  readonly previous_txid?: string;
  readonly previous_vout?: number;
  readonly witness_utxo?: { readonly amount: number; readonly scriptPubKey: ScriptAnswer };
  readonly non_witness_utxo?: TransactionAnswer;
  readonly partial_signatures?: object;
  readonly taproot_key_path_sig?: string;
  readonly final_scriptSig?: object;
  readonly final_scriptwitness?: readonly string[];
}

interface PsbtOutputAnswer {
  readonly amount?: number;
  readonly script?: ScriptAnswer;
}

/** What decodepsbt answers, as far as it is used. */
export interface PsbtAnswer {
  readonly tx?: TransactionAnswer;
  readonly inputs: readonly PsbtInputAnswer[];
  readonly outputs: readonly PsbtOutputAnswer[];
}

/** What a decoded PSBT says. */
export function readPsbtContent(answer: PsbtAnswer): PsbtContent {
  const inputs = answer.inputs.map((input, i) => readInput(input, answer.tx?.vin[i]));
  const outputs =
    answer.tx === undefined ? answer.outputs.map(readPlainOutput) : answer.tx.vout.map(readTransactionOutput);
  return { inputs, outputs, feeSat: computeFee(inputs, outputs) };
}

function readInput(input: PsbtInputAnswer, place: TransactionAnswer['vin'][number] | undefined): PsbtInput {
  const index = input.previous_vout ?? place?.vout ?? 0;
  const whole = input.non_witness_utxo?.vout[index];
  const valueSat = input.witness_utxo?.amount ?? whole?.value;
  const script = input.witness_utxo?.scriptPubKey ?? whole?.scriptPubKey;
  const { partial_signatures, taproot_key_path_sig, final_scriptSig, final_scriptwitness } = input;
  const signed = [partial_signatures, taproot_key_path_sig, final_scriptSig, final_scriptwitness];
  return {
    txid: input.previous_txid ?? place?.txid ?? '',
    index,
    valueSat: valueSat === undefined ? null : toSat(valueSat),
    address: script?.address ?? null,
    hasSignature: signed.some((one) => one !== undefined),
  };
}

function readTransactionOutput({ value, scriptPubKey }: OutputAnswer): PsbtOutput {
  return { valueSat: toSat(value), scriptHex: scriptPubKey.hex, address: scriptPubKey.address ?? null };
}

function readPlainOutput({ amount = 0, script }: PsbtOutputAnswer): PsbtOutput {
  return { valueSat: toSat(amount), scriptHex: script?.hex ?? '', address: script?.address ?? null };
}

/** The fee is what inputs have more than outputs: it is computed, not believed. */
function computeFee(inputs: readonly PsbtInput[], outputs: readonly PsbtOutput[]): number | null {
  let feeSat = 0;
  for (const { valueSat } of inputs) {
    if (valueSat === null) return null;
    feeSat += valueSat;
  }
  for (const { valueSat } of outputs) feeSat -= valueSat;
  return feeSat;
}

/** Whether a signed transaction is the one that was reviewed: the same coins in, the same amounts to the same scripts out. */
export function isReviewedTransaction(content: PsbtContent, signed: TransactionAnswer): boolean {
  const { inputs, outputs } = content;
  return (
    signed.vin.length === inputs.length &&
    signed.vout.length === outputs.length &&
    inputs.every(({ txid, index }, i) => signed.vin[i]?.txid === txid && signed.vin[i]?.vout === index) &&
    outputs.every(({ valueSat, scriptHex }, i) => {
      const output = signed.vout[i];
      return output !== undefined && toSat(output.value) === valueSat && output.scriptPubKey.hex === scriptHex;
    })
  );
}

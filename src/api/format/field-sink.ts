// Where the fields of blocks and transactions go: into values, where a caller looks at them or puts them into an object of its own, or
// straight into bytes, where there are thousands of them. Whoever describes a transaction does it once, for both.

import { asTxid, formatHash, HASH_BYTES } from '../../kernel/primitives/hashes.ts';
import { formatScript, writeScriptWords } from '../../kernel/script/script-format.ts';
import { classifyOutput } from '../../kernel/script/solver.ts';
import { CHECKSUM_LENGTH, DescriptorChecksum } from '../../wallet/descriptor/checksum.ts';
import { inferDescriptor } from '../../wallet/descriptor/infer.ts';
import { addressLengthMax, writeAddressAt } from '../../wallet/keys/address-writer.ts';
import { valueFromAmount } from '../amount.ts';
import { JsonBytes } from '../json/json-bytes.ts';
import type { JsonOutput, JsonRecord } from '../json/json-value.ts';
import { formatOutputScript, type ScriptContext } from './script.ts';
import { hexOutput } from './serialized-hex.ts';

/** Takes fields in the order in which they are shown. The key of an item of an array, or of the whole, is ''. */
export interface FieldSink {
  openObject(key: string): void;
  closeObject(): void;
  openArray(key: string): void;
  closeArray(): void;
  /** An ASCII text without anything to escape. */
  textField(key: string, text: string): void;
  flagField(key: string, isSet: boolean): void;
  /** A safe integer that is not negative. */
  integerField(key: string, value: number): void;
  amountField(key: string, valueSat: number): void;
  hexField(key: string, source: Uint8Array, start: number, end: number): void;
  /** 32 bytes as people read them: reversed. */
  hashField(key: string, source: Uint8Array, start: number): void;
  /** A script as words. */
  wordsField(key: string, source: Uint8Array, start: number, end: number, decodesHashTypes: boolean): void;
  /** An output script with everything that is known of it. */
  scriptField(key: string, source: Uint8Array, start: number, end: number, context: ScriptContext): void;
}

// --- values --------------------------------------------------------------------------------------------------------------------------

/** A container that is being filled. */
type Filling = { [key: string]: JsonOutput } | JsonOutput[];

/** Makes values. */
class FieldValues implements FieldSink {
  readonly #open: Filling[] = [];
  #whole: JsonOutput = null;

  get whole(): JsonOutput {
    return this.#whole;
  }

  #put(key: string, value: JsonOutput): void {
    const container = this.#open.at(-1);
    if (container === undefined) this.#whole = value;
    else if (Array.isArray(container)) container.push(value);
    else container[key] = value;
  }

  openObject(key: string): void {
    const object: { [key: string]: JsonOutput } = {};
    this.#put(key, object);
    this.#open.push(object);
  }

  closeObject(): void {
    this.#open.pop();
  }

  openArray(key: string): void {
    const list: JsonOutput[] = [];
    this.#put(key, list);
    this.#open.push(list);
  }

  closeArray(): void {
    this.#open.pop();
  }

  textField(key: string, text: string): void {
    this.#put(key, text);
  }

  flagField(key: string, isSet: boolean): void {
    this.#put(key, isSet);
  }

  integerField(key: string, value: number): void {
    this.#put(key, value);
  }

  amountField(key: string, valueSat: number): void {
    this.#put(key, valueFromAmount(valueSat));
  }

  hexField(key: string, source: Uint8Array, start: number, end: number): void {
    this.#put(key, hexOutput(source.subarray(start, end)));
  }

  hashField(key: string, source: Uint8Array, start: number): void {
    this.#put(key, formatHash(asTxid(source.subarray(start, start + HASH_BYTES))));
  }

  wordsField(key: string, source: Uint8Array, start: number, end: number, decodeHashTypes: boolean): void {
    this.#put(key, formatScript(source, start, end, { decodeHashTypes }));
  }

  scriptField(key: string, source: Uint8Array, start: number, end: number, context: ScriptContext): void {
    this.#put(key, formatOutputScript(source.slice(start, end), context));
  }
}

/** The fields that are described, as an object. */
export function collectFields(describe: (sink: FieldSink) => void): JsonRecord {
  const values = new FieldValues();
  values.openObject('');
  describe(values);
  return values.whole as JsonRecord;
}

// --- bytes ---------------------------------------------------------------------------------------------------------------------------

/** Writes bytes. */
export class FieldBytes extends JsonBytes implements FieldSink {
  /** {@inheritDoc FieldSink.wordsField} */
  wordsField(key: string, source: Uint8Array, start: number, end: number, decodesHashTypes: boolean): void {
    this.begin(key);
    this.quote();
    writeScriptWords(this, source, start, end, decodesHashTypes);
    this.quote();
  }

  /** {@inheritDoc FieldSink.scriptField} */
  scriptField(key: string, source: Uint8Array, start: number, end: number, context: ScriptContext): void {
    const type = classifyOutput(source, start, end);
    this.openObject(key);
    this.wordsField('asm', source, start, end, false);
    this.begin('desc');
    this.quote();
    const isShort = type !== 'pubkey' && type !== 'multisig' && type !== 'witness_v1_taproot';
    // Only these may show keys in their descriptor. All others have an address there, or nothing but their bytes.
    if (isShort) this.#appendDescriptor(source, start, end, context);
    else this.text(inferDescriptor(source.slice(start, end), context.params.prefixes, context.secp));
    this.quote();
    this.hexField('hex', source, start, end);
    if (type !== 'pubkey') this.#addressField(source, start, end, context);
    this.textField('type', type);
    this.closeObject();
  }

  #appendDescriptor(source: Uint8Array, start: number, end: number, context: ScriptContext): void {
    const from = this.length;
    this.text('addr(');
    if (!this.#appendAddress(source, start, end, context)) {
      this.rewind(from);
      this.text('raw(');
      this.hex(source, start, end);
    }
    this.text(')');
    const checksum = new DescriptorChecksum();
    checksum.pushBytes(this.bytes, from, this.length);
    this.text('#');
    this.append(CHECKSUM_LENGTH, (target, at) => checksum.finishAt(target, at));
  }

  /** False when there is none. */
  #appendAddress(source: Uint8Array, start: number, end: number, { params: { prefixes } }: ScriptContext): boolean {
    const from = this.length;
    this.append(addressLengthMax(prefixes), (target, at) => writeAddressAt(target, at, source, start, end, prefixes));
    return this.length > from;
  }

  #addressField(source: Uint8Array, start: number, end: number, context: ScriptContext): void {
    const from = this.length;
    this.begin('address');
    this.quote();
    if (this.#appendAddress(source, start, end, context)) this.quote();
    // Other fields stand before and behind it: the comma goes with it.
    else this.rewind(from);
  }
}

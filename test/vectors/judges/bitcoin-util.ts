// Judge of the decoded transactions in the expectations of Core's bitcoin-tx tool: the hexadecimal transaction inside the JSON
// is decoded and every field that the JSON tells is compared, addresses included. The commands themselves have no judge yet.

import { formatHash } from '../../../src/kernel/primitives/hashes.ts';
import {
  decodeTransaction,
  type Transaction,
  WITNESS_SCALE_FACTOR,
} from '../../../src/kernel/primitives/transaction.ts';
import { toHex } from '../../../src/kernel/util/bytes.ts';
import { formatAddress } from '../../../src/wallet/address.ts';
import { compareOutcome, isInside, type Judge, verdictOutcome } from '../judge.ts';
import { hexAt, isObject, type JsonObject, listAt, numberAt, textAt } from '../shape.ts';
import { NETWORK_PREFIXES } from './addresses.ts';

type Fact = readonly [name: string, actual: unknown, expected: unknown];

const decodedTransactionJudge: Judge = {
  name: 'decoded transaction',
  matches: (file) => isInside(file, 'formats') && isObject(file.tryJson(), 'txid', 'vin', 'vout', 'hex'),
  *run(file) {
    const json = file.json() as JsonObject;
    const transaction = decode(hexAt(json, 'hex'));
    if (transaction === null) {
      yield verdictOutcome('hex', 'does not decode');
      return;
    }
    const facts: Fact[] = [
      ...headFacts(transaction, json),
      ...objects(json, 'vin').flatMap((input, i) => inputFacts(transaction, input, i)),
      ...objects(json, 'vout').flatMap((output, j) => outputFacts(transaction, output, j)),
    ];
    for (const [name, actual, expected] of facts) yield compareOutcome(name, actual, expected);
  },
};

export const judges: readonly Judge[] = [decodedTransactionJudge];

/** With a witness, or else without inputs in the form before BIP144, as Core's DecodeTx does. */
function decode(bytes: Uint8Array): Transaction | null {
  const modern = decodeTransaction(bytes);
  if (modern.ok) return modern.value;
  const older = decodeTransaction(bytes, { allowWitness: false });
  return older.ok ? older.value : null;
}

function objects(json: JsonObject, key: string): readonly JsonObject[] {
  return listAt(json, key) as readonly JsonObject[];
}

function headFacts(transaction: Transaction, json: JsonObject): Fact[] {
  return [
    ['txid', formatHash(transaction.txid), textAt(json, 'txid')],
    ['wtxid', formatHash(transaction.wtxid), textAt(json, 'hash')],
    ['version', transaction.version, numberAt(json, 'version')],
    ['size', transaction.totalSize, numberAt(json, 'size')],
    ['vsize', Math.ceil(transaction.weightWu / WITNESS_SCALE_FACTOR), numberAt(json, 'vsize')],
    ['weight', transaction.weightWu, numberAt(json, 'weight')],
    ['locktime', transaction.locktime, numberAt(json, 'locktime')],
    ['inputs', transaction.inputCount, listAt(json, 'vin').length],
    ['outputs', transaction.outputCount, listAt(json, 'vout').length],
  ];
}

function inputFacts(transaction: Transaction, input: JsonObject, i: number): Fact[] {
  const witness = transaction.witness(i).map(toHex).join();
  return [
    [`input ${i} txid`, formatHash(transaction.prevout(i).txid), textAt(input, 'txid')],
    [`input ${i} index`, transaction.prevout(i).index, numberAt(input, 'vout')],
    [`input ${i} scriptSig`, toHex(transaction.scriptSig(i)), textAt(input['scriptSig'] as JsonObject, 'hex')],
    [`input ${i} sequence`, transaction.sequence(i), numberAt(input, 'sequence')],
    [`input ${i} witness`, witness, listAt(input, 'txinwitness').join()],
  ];
}

function outputFacts(transaction: Transaction, output: JsonObject, j: number): Fact[] {
  const expected = output['scriptPubKey'] as JsonObject;
  const script = transaction.scriptPubKey(j);
  const addresses = Object.values(NETWORK_PREFIXES).map((prefixes) => formatAddress(script, prefixes));
  const told = expected['address'] ?? null;
  return [
    [`output ${j} value`, transaction.valueSat(j), Math.round(numberAt(output, 'value') * 1e8)],
    [`output ${j} script`, toHex(script), textAt(expected, 'hex')],
    [`output ${j} address`, addresses.find((address) => address === told) ?? addresses[0], told],
  ];
}

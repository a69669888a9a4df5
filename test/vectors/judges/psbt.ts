// Judge of the vectors of PSBT: BIP174, BIP370, BIP371 and BIP373. What is invalid must be refused, what is valid must be written again
// as it was read; locktimes are computed, and what no signer may sign is never complete.

import { nobleSecp256k1 as secp } from '../../../src/kernel/crypto/secp256k1-noble.ts';
import { runAllSteps } from '../../../src/kernel/util/steps.ts';
import { decodePsbt } from '../../../src/wallet/psbt/decode.ts';
import { encodePsbt } from '../../../src/wallet/psbt/encode.ts';
import { finalizePsbt } from '../../../src/wallet/psbt/finalize.ts';
import { computePsbtLocktime } from '../../../src/wallet/psbt/psbt-transaction.ts';
import { type CaseOutcome, compareOutcome, isInside, type Judge, verdictOutcome } from '../judge.ts';
import { isObject, type JsonObject, listAt, textAt } from '../shape.ts';

/** Groups of a file, and the text of each case. */
const GROUPS = ['invalid psbts', 'valid psbts', 'signer check failures', 'lock time psbts'] as const;

const psbtJudge: Judge = {
  name: 'PSBT',
  matches: (file) => isInside(file, 'bips') && isObject(file.tryJson(), 'invalid psbts', 'valid psbts'),
  *run(file) {
    const json = file.json() as JsonObject;
    for (const group of GROUPS) {
      for (const one of listAt(json, group) as readonly JsonObject[]) yield judgeCase(group, one);
    }
  },
};

export const judges: readonly Judge[] = [psbtJudge];

function judgeCase(group: (typeof GROUPS)[number], one: JsonObject): CaseOutcome {
  const name = `${group}: ${textAt(one, 'description')}`;
  const text = textAt(one, 'encoded psbt');
  const decoded = decodePsbt(new Uint8Array(Buffer.from(text, 'base64')), secp);
  if (group === 'invalid psbts') return verdictOutcome(name, decoded.ok ? 'was taken' : null);
  if (!decoded.ok) return verdictOutcome(name, decoded.error);
  if (group === 'lock time psbts') {
    const expected = one['lock time'];
    return compareOutcome(name, computePsbtLocktime(decoded.value), expected ?? null);
  }
  if (group === 'signer check failures') {
    const { transaction } = runAllSteps(finalizePsbt(decoded.value, secp));
    return verdictOutcome(name, transaction === null ? null : 'a transaction came out');
  }
  return verdictOutcome(name, findDifference(text));
}

/** What is written differs from what was read; the witness of a transaction that is spent from is left out, as Core does. */
function findDifference(text: string): string | null {
  const again = rewrite(text);
  if (again !== text && !hasPreviousWitness(text)) return `was written as ${again}`;
  return rewrite(again) === again ? null : 'is written in two ways';
}

function rewrite(text: string): string {
  return Buffer.from(encodePsbt(read(text))).toString('base64');
}

function hasPreviousWitness(text: string): boolean {
  return read(text).inputs.some(({ nonWitnessUtxo }) => nonWitnessUtxo?.hasWitness === true);
}

function read(text: string) {
  const decoded = decodePsbt(new Uint8Array(Buffer.from(text, 'base64')), secp);
  if (!decoded.ok) throw new TypeError(decoded.error);
  return decoded.value;
}

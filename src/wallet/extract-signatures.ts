// Signatures and scripts out of inputs that are signed in part, so that more can be added (Core DataFromTransaction). Only signatures
// that are good are taken.

import type { Transaction } from '../kernel/primitives/transaction.ts';
import { OP } from '../kernel/script/opcodes.ts';
import { ScriptCursor } from '../kernel/script/script.ts';
import { solveOutput } from '../kernel/script/solver.ts';
import { assert } from '../kernel/util/assert.ts';
import { EMPTY_BYTES } from '../kernel/util/bytes.ts';
import { SignatureData } from './signature-data.ts';
import type { SignedScriptKind, Spending } from './spending.ts';

/** What input `inputIndex` of `source` knows. `spending` is of a transaction that differs from it in scripts alone. */
export function extractSignatures(spending: Spending, source: Transaction, inputIndex: number): SignatureData {
  const data = new SignatureData();
  data.scriptSig = source.scriptSig(inputIndex).slice();
  data.witness = source.witness(inputIndex).map((item) => item.slice());
  const output = spending.output(inputIndex);
  assert(output !== null, 'sign: the output is known');
  if (data.scriptSig.length === 0 && data.witness.length === 0) return data;
  if (spending.verify(inputIndex, data) === null) {
    data.isComplete = true;
    data.isWitness = data.witness.length > 0;
    return data;
  }
  let items = pushesOf(data.scriptSig);
  let script = output.scriptPubKey;
  let kind: SignedScriptKind = 'legacy';
  if (typeOf(script) === 'scripthash' && hasLast(items)) {
    script = items.at(-1)!;
    items = items.slice(0, -1);
    data.redeemScript = script;
  }
  if (typeOf(script) === 'witness_v0_scripthash' && hasLast(data.witness)) {
    script = data.witness.at(-1)!;
    items = data.witness.slice(0, -1);
    data.witnessScript = script;
    kind = 'witness-v0';
  }
  collectMultisig(spending, inputIndex, script, kind, items, data);
  return data;
}

function typeOf(script: Uint8Array) {
  return solveOutput(script, 0, script.length).type;
}

function hasLast(items: readonly Uint8Array[]): boolean {
  return items.length > 0 && items.at(-1)!.length > 0;
}

/** What a script pushes, up to where it does anything else. */
function pushesOf(script: Uint8Array): readonly Uint8Array[] {
  const items: Uint8Array[] = [];
  const cursor = new ScriptCursor(script);
  while (cursor.next() && cursor.opcode <= OP.OP_PUSHDATA4) {
    items.push(cursor.dataLength === 0 ? EMPTY_BYTES : script.slice(cursor.dataStart, cursor.dataEnd));
  }
  return items;
}

/** Finds the key of every signature; both come in the same order. */
function collectMultisig(
  spending: Spending,
  inputIndex: number,
  script: Uint8Array,
  kind: SignedScriptKind,
  items: readonly Uint8Array[],
  data: SignatureData,
): void {
  const template = solveOutput(script, 0, script.length);
  if (template.type !== 'multisig') return;
  let next = 0;
  for (const signature of items) {
    for (let k = next; k < template.publicKeys.length; k++) {
      const publicKey = template.publicKeys[k]!.slice();
      if (!spending.checkEcdsa(inputIndex, script, kind, signature, publicKey)) continue;
      data.addSignature(publicKey, signature);
      next = k + 1;
      break;
    }
  }
}

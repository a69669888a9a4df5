// What getblock shows of transactions, made slowly: every field is a value, every text is made of the part that it shows. The twin of
// the writer in src/api/format, with which it shares the words of scripts, descriptors and nothing else.

import { bech32, bech32m } from '@scure/base';
import type { ScriptContext } from '../../src/api/format/script.ts';
import type { BlockUndo } from '../../src/kernel/consensus/undo.ts';
import type { Block } from '../../src/kernel/primitives/block.ts';
import type { Transaction } from '../../src/kernel/primitives/transaction.ts';
import { formatScript } from '../../src/kernel/script/script-format.ts';
import { solveOutput } from '../../src/kernel/script/solver.ts';
import { reversedBytes, toHex } from '../../src/kernel/util/bytes.ts';
import { inferDescriptor } from '../../src/wallet/descriptor/infer.ts';
import { formatBase58Check } from '../../src/wallet/keys/base58check.ts';

/** Decimal bitcoins, exact. */
class Amount {
  readonly text: string;

  constructor(valueSat: number) {
    const digits = String(Math.abs(valueSat)).padStart(9, '0');
    this.text = `${valueSat < 0 ? '-' : ''}${digits.slice(0, -8)}.${digits.slice(-8)}`;
  }
}

function writeValue(value: unknown): string {
  if (value instanceof Amount) return value.text;
  if (Array.isArray(value)) return `[${value.map(writeValue).join(',')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const fields = Object.entries(value).filter(([, field]) => field !== undefined);
  return `{${fields.map(([key, field]) => `${JSON.stringify(key)}:${writeValue(field)}`).join(',')}}`;
}

function addressOf(script: Uint8Array, { params: { prefixes } }: ScriptContext): string | undefined {
  const hashed = (version: number, hash: Uint8Array): string => formatBase58Check(Uint8Array.of(version, ...hash));
  const witness = (version: number, program: Uint8Array): string => {
    const codec = version === 0 ? bech32 : bech32m;
    return codec.encode(prefixes.bech32Hrp, [version, ...codec.toWords(Uint8Array.from(program))]);
  };
  const template = solveOutput(script, 0, script.length);
  switch (template.type) {
    case 'pubkeyhash':
      return hashed(prefixes.pubKeyHash, template.keyHash);
    case 'scripthash':
      return hashed(prefixes.scriptHash, template.scriptHash);
    case 'witness_v0_keyhash':
      return witness(0, template.keyHash);
    case 'witness_v0_scripthash':
      return witness(0, template.scriptHash);
    case 'witness_v1_taproot':
      return witness(1, template.outputKey);
    case 'anchor':
      return witness(1, Uint8Array.of(0x4e, 0x73));
    case 'witness_unknown':
      return witness(template.version, template.program);
    default:
      return undefined;
  }
}

function showScript(script: Uint8Array, context: ScriptContext): unknown {
  return {
    asm: formatScript(script, 0, script.length),
    desc: inferDescriptor(script, context.params.prefixes, context.secp),
    hex: toHex(script),
    address: addressOf(script, context),
    type: solveOutput(script, 0, script.length).type,
  };
}

function showTransaction(
  block: Block,
  at: number,
  undo: BlockUndo | null,
  hasPrevouts: boolean,
  context: ScriptContext,
) {
  const tx: Transaction = block.transaction(at);
  const coins = undo === null || at === 0 ? null : undo.coins;
  const first = coins === null ? 0 : undo!.firstCoins[at - 1]!;
  let feeSat = 0;
  const vin = Array.from({ length: tx.inputCount }, (_, i) => {
    const coin = first + i;
    feeSat += coins?.valueSat(coin) ?? 0;
    const script = tx.scriptSig(i);
    const { txid, index } = tx.prevout(i);
    const words = { asm: formatScript(script, 0, script.length, { decodeHashTypes: true }), hex: toHex(script) };
    const start = tx.isCoinbase
      ? { coinbase: toHex(script) }
      : { txid: toHex(reversedBytes(txid)), vout: index, scriptSig: words };
    const prevout =
      coins === null || !hasPrevouts
        ? undefined
        : {
            generated: coins.isCoinbase(coin),
            height: coins.height(coin),
            value: new Amount(coins.valueSat(coin)),
            scriptPubKey: showScript(coins.bytes.slice(coins.scriptStart(coin), coins.scriptEnd(coin)), context),
          };
    const witness = tx.witness(i).map(toHex);
    return { ...start, txinwitness: witness.length > 0 ? witness : undefined, prevout, sequence: tx.sequence(i) };
  });
  const vout = Array.from({ length: tx.outputCount }, (_, n) => {
    feeSat -= tx.valueSat(n);
    return { value: new Amount(tx.valueSat(n)), n, scriptPubKey: showScript(tx.scriptPubKey(n), context) };
  });
  const fee = coins === null ? undefined : new Amount(feeSat);
  const [txid, hash] = [tx.txid, tx.wtxid].map((id) => toHex(reversedBytes(id)));
  const { version, totalSize: size, weightWu: weight, locktime } = tx;
  const hex = toHex(tx.serialized());
  return { txid, hash, version, size, vsize: Math.ceil(weight / 4), weight, locktime, vin, vout, fee, hex };
}

/** The text of the list of a block's transactions; with what they spent where it is known and asked for. */
export function writeTransactionsSlowly(
  block: Block,
  undo: BlockUndo | null,
  hasPrevouts: boolean,
  context: ScriptContext,
): string {
  const list = Array.from({ length: block.txCount }, (_, i) => showTransaction(block, i, undo, hasPrevouts, context));
  return writeValue(list);
}

// Methods that fill PSBTs from the chain, the memory pool and descriptors, and that sign with the private keys in them (Core
// ProcessPSBT). Keys are used and forgotten.

import { witnessProgramVersion } from '../../kernel/script/script.ts';
import { solveOutput } from '../../kernel/script/solver.ts';
import type { Steps } from '../../kernel/util/steps.ts';
import { createDescriptorKeys, type ExpandedDescriptor } from '../../wallet/psbt/descriptor-keys.ts';
import { finalizePsbt } from '../../wallet/psbt/finalize.ts';
import { countUnsignedInputs, isFinalInput, type Psbt } from '../../wallet/psbt/psbt.ts';
import { type InputSigning, PsbtSession } from '../../wallet/psbt/psbt-session.ts';
import { toUnsignedTransaction } from '../../wallet/psbt/psbt-transaction.ts';
import { hideKeys, type SigningKeys } from '../../wallet/signature-creator.ts';
import type { Arguments } from '../arguments.ts';
import type { RpcContext } from '../context.ts';
import { readHashType } from '../format/hash-type.ts';
import { hexOutput } from '../format/serialized-hex.ts';
import type { JsonOutput, JsonValue } from '../json/json-value.ts';
import type { MethodSpec } from '../schema.ts';
import { field, maybe, object, optional, param, result } from '../schema-words.ts';
import { runSteps } from '../turns.ts';
import { findSpentOutputs } from './find-outputs.ts';
import { PSBT_PARAMETER, readPsbt, refusePsbt, writePsbt } from './psbt-parameter.ts';
import { expandScanObject, SCAN_OBJECTS } from './script-parameter.ts';

async function updateFromUtxos(context: RpcContext, args: Arguments): Promise<JsonOutput> {
  const psbt = await readPsbt(context, args.text('psbt'));
  const keys = await readDescriptors(context, args.has('descriptors') ? args.list('descriptors') : []);
  const shown = hideKeys(keys, { secrets: true, origins: false });
  return writePsbt(await processPsbt(context, psbt, shown, { hashType: null, finalizes: false }));
}

async function processWithDescriptors(context: RpcContext, args: Arguments): Promise<JsonOutput> {
  const psbt = await readPsbt(context, args.text('psbt'));
  const keys = await readDescriptors(context, args.list('descriptors'));
  const hashType = readHashType(args.value('sighashtype'));
  const shown = hideKeys(keys, { secrets: false, origins: args.flag('bip32derivs', true) === false });
  const finalizes = args.flag('finalize', true) !== false;
  const processed = await processPsbt(context, psbt, shown, { hashType, finalizes });
  const complete = countUnsignedInputs(processed) === 0;
  const finalized = complete ? await runSteps(context, finalizePsbt(processed, context.secp)) : null;
  const transaction = finalized?.transaction ?? null;
  const hex = transaction === null ? undefined : hexOutput(transaction.serialized());
  return { psbt: writePsbt(processed), complete, hex };
}

async function readDescriptors(context: RpcContext, values: readonly JsonValue[]): Promise<SigningKeys> {
  const expanded: ExpandedDescriptor[] = [];
  for (const value of values) expanded.push(await expandScanObject(context, value));
  return createDescriptorKeys(expanded, context.secp);
}

async function processPsbt(context: RpcContext, psbt: Psbt, keys: SigningKeys, signing: InputSigning): Promise<Psbt> {
  const updated = await addSpentOutputs(context, await addTransactions(context, psbt), keys);
  const session = PsbtSession.open(updated, context.secp);
  if (session === null) refusePsbt('invalid-tx');
  await runSteps(context, processAll(session, keys, signing));
  return session.finish();
}

/** Only a hash type that is not the one asked for is an error: everything else may be for others to do. */
function* processAll(session: PsbtSession, keys: SigningKeys, signing: InputSigning): Steps<void> {
  for (let i = 0; i < session.inputCount; i++) {
    yield;
    if (isFinalInput(session.input(i))) continue;
    if (session.signInput(i, keys, signing).fault === 'sighash-mismatch') refusePsbt('sighash-mismatch');
  }
  for (let j = 0; j < session.outputCount; j++) {
    yield;
    session.updateOutput(j, keys);
  }
  session.dropPreviousTransactions();
}

/** Whole transactions that inputs spend from, out of the index of transactions and the memory pool. */
async function addTransactions({ indexes, pool }: RpcContext, psbt: Psbt): Promise<Psbt> {
  await indexes.catchUp('transactions');
  const inputs = [];
  for (const input of psbt.inputs) {
    const { txid } = input.prevout;
    if (input.nonWitnessUtxo !== null) {
      inputs.push(input);
      continue;
    }
    const indexed = (await indexes.transactions?.find(txid))?.transaction.detach();
    inputs.push({ ...input, nonWitnessUtxo: indexed ?? pool?.mempool.get(txid)?.transaction ?? null });
  }
  return { ...psbt, inputs };
}

/** Outputs of the coins for the other inputs, where a signature will commit to their value. */
async function addSpentOutputs(context: RpcContext, psbt: Psbt, keys: SigningKeys): Promise<Psbt> {
  const transaction = toUnsignedTransaction(psbt);
  if (transaction === null || psbt.inputs.every(({ nonWitnessUtxo }) => nonWitnessUtxo !== null)) return psbt;
  const outputs = await findSpentOutputs(context, transaction);
  const inputs = psbt.inputs.map((input, i) => {
    const output = outputs[i]!;
    if (input.nonWitnessUtxo !== null || output === null || !isSegwit(output.scriptPubKey, keys)) return input;
    return { ...input, witnessUtxo: output };
  });
  return { ...psbt, inputs };
}

/** True for witness programs, also behind the hash of a script that the keys know (Core IsSegWitOutput). */
function isSegwit(script: Uint8Array, keys: SigningKeys): boolean {
  if (witnessProgramVersion(script, 0, script.length) >= 0) return true;
  const template = solveOutput(script, 0, script.length);
  const redeemScript = template.type === 'scripthash' ? keys.script(template.scriptHash) : null;
  return redeemScript !== null && witnessProgramVersion(redeemScript, 0, redeemScript.length) >= 0;
}

const DESCRIPTORS = { inner: SCAN_OBJECTS.inner ?? [] };

/** The methods of this file. */
export const PSBT_PROCESS_METHODS: readonly MethodSpec[] = Object.freeze([
  {
    name: 'utxoupdatepsbt',
    category: 'rawtransactions',
    description:
      'Fills a PSBT with what is known of its inputs and outputs, from the given descriptors, the chain and the memory pool. Nothing is signed.',
    parameters: [
      PSBT_PARAMETER,
      optional('descriptors', 'array', 'Descriptors, or objects with one and a range', DESCRIPTORS),
    ],
    results: [result('string', 'The PSBT in base 64')],
    examples: ['"psbt"'],
    run: updateFromUtxos,
  },
  {
    name: 'descriptorprocesspsbt',
    category: 'rawtransactions',
    description:
      'Fills a PSBT from the given descriptors, the chain and the memory pool, and signs with the private keys in the descriptors.',
    parameters: [
      PSBT_PARAMETER,
      param('descriptors', 'array', 'Descriptors, or objects with one and a range', DESCRIPTORS),
      param('sighashtype', 'string', 'What signatures commit to, where the PSBT does not say', {
        default: 'DEFAULT for Taproot, ALL otherwise',
      }),
      param('bip32derivs', 'boolean', 'Whether keys are written down with where they come from', { default: true }),
      param('finalize', 'boolean', 'Whether inputs that are complete are finished', { default: true }),
    ],
    results: [
      object([
        field('psbt', 'string', 'The PSBT in base 64'),
        field('complete', 'boolean', 'Whether all inputs are finished'),
        maybe('hex', 'hex', 'The transaction in hexadecimal, when complete'),
      ]),
    ],
    examples: [
      '"psbt" "[\\"descriptor1\\", \\"descriptor2\\"]"',
      '"psbt" "[{\\"desc\\":\\"mydescriptor\\", \\"range\\":21}]"',
    ],
    run: processWithDescriptors,
  },
]);

// Methods that sign with the keys of a wallet what a caller hands in: transactions, PSBTs, messages (Core wallet/rpc/spend.cpp,
// signmessage.cpp), and one that says what transactions would do to it.

import { signCompact } from '../../kernel/crypto/ecdsa-recover.ts';
import { formatOutpoint } from '../../kernel/primitives/outpoint.ts';
import type { Transaction, TransactionOutput } from '../../kernel/primitives/transaction.ts';
import { SIGHASH } from '../../kernel/script/sighash-type.ts';
import { solveOutput } from '../../kernel/script/solver.ts';
import { toHex } from '../../kernel/util/bytes.ts';
import { finishSteps, runSteps } from '../../wallet/books/change-list.ts';
import { KeyRing } from '../../wallet/descriptor/key-ring.ts';
import { finalizePsbt } from '../../wallet/psbt/finalize.ts';
import { outpointsOf, signWithWallet } from '../../wallet/wallet/payments.ts';
import type { Wallet } from '../../wallet/wallet/wallet.ts';
import { valueFromAmount } from '../amount.ts';
import { type Arguments, asText } from '../arguments.ts';
import { formatBase64 } from '../base64.ts';
import type { RpcContext } from '../context.ts';
import { RPC_CODE, RpcError } from '../errors.ts';
import { readHashType } from '../format/hash-type.ts';
import type { JsonOutput } from '../json/json-value.ts';
import type { MethodSpec } from '../schema.ts';
import { field, maybe, object, optional, param, result } from '../schema-words.ts';
import { findSpentOutputs } from './find-outputs.ts';
import { parseTransaction } from './parse-transaction.ts';
import { applyPreviousOutputs } from './previous-outputs.ts';
import { PSBT_PARAMETER, readPsbt, refusePsbt, writePsbt } from './psbt-parameter.ts';
import { formatSigned, HASH_TYPE, PREVIOUS_OUTPUTS, SIGNED_FIELDS } from './sign-raw.ts';
import { hashMessage } from './util.ts';
import { requireAddress } from './wallet-addresses.ts';
import { ensureUnlocked, NEEDS_PASSPHRASE, requireWallet } from './wallet-lookup.ts';
import { fillAndSign } from './wallet-signer.ts';

async function signTransaction(context: RpcContext, args: Arguments): Promise<JsonOutput> {
  const wallet = requireWallet(context);
  const transaction = parseTransaction(args.text('hexstring'));
  if (transaction === null) {
    throw new RpcError(RPC_CODE.DESERIALIZATION_ERROR, 'TX decode failed. Make sure the tx has at least one input.');
  }
  return wallet.run(async () => {
    ensureUnlocked(wallet);
    const outputs = await findSpentOutputs(context, transaction);
    addOwnOutputs(wallet, transaction, outputs);
    applyPreviousOutputs(args.value('prevtxs'), transaction, outputs, null);
    const hashType = readHashType(args.value('sighashtype')) ?? SIGHASH.DEFAULT;
    return formatSigned(await signWithWallet(wallet, transaction, outputs, hashType), outputs);
  });
}

/** Outputs of the wallet's transactions that neither the chain nor the memory pool has. */
function addOwnOutputs({ books }: Wallet, transaction: Transaction, outputs: (TransactionOutput | null)[]): void {
  for (const [i, { txid, index }] of outpointsOf(transaction).entries()) {
    const known = outputs[i] === null ? books.view.find(txid) : null;
    if (known === null || index >= known.transaction.outputCount) continue;
    const { transaction: parent } = known;
    outputs[i] = { valueSat: parent.valueSat(index), scriptPubKey: parent.scriptPubKey(index) };
  }
}

async function processPsbt(context: RpcContext, args: Arguments): Promise<JsonOutput> {
  const wallet = requireWallet(context);
  await wallet.untilSynchronised();
  const psbt = await readPsbt(context, args.text('psbt'));
  const hashType = readHashType(args.value('sighashtype'));
  const signs = args.flag('sign', true);
  const showsOrigins = args.flag('bip32derivs', true);
  const finalizes = args.flag('finalize', true);
  return wallet.run(async () => {
    if (signs) ensureUnlocked(wallet);
    const filled = await fillAndSign(context, wallet, psbt, { signs, showsOrigins, hashType, finalizes });
    if (!filled.ok) refusePsbt(filled.error);
    const answer = { psbt: writePsbt(filled.value.psbt), complete: filled.value.isComplete };
    if (!answer.complete) return answer;
    const { transaction } = await runSteps(finalizePsbt(filled.value.psbt, wallet.secp), wallet.host.yieldToHost);
    return { ...answer, hex: transaction === null ? undefined : toHex(transaction.serialized()) };
  });
}

function signMessage(context: RpcContext, args: Arguments): Promise<JsonOutput> {
  const wallet = requireWallet(context);
  return wallet.run(() => {
    ensureUnlocked(wallet);
    const script = requireAddress(context, args.text('address'), 'Invalid address');
    const template = solveOutput(script, 0, script.length);
    if (template.type !== 'pubkeyhash') throw new RpcError(RPC_CODE.TYPE_ERROR, 'Address does not refer to key');
    const ring = new KeyRing();
    finishSteps(wallet.books.scripts.addSolvingData(script, ring, true));
    const key = ring.secret(template.keyHash);
    if (key === null) throw new RpcError(RPC_CODE.WALLET_ERROR, 'Private key not available');
    const signature = signCompact(wallet.secp, hashMessage(args.text('message')), key.secret, key.isCompressed);
    if (signature === null) throw new RpcError(RPC_CODE.INVALID_ADDRESS_OR_KEY, 'Sign failed');
    return formatBase64(signature);
  });
}

function refuse(message: string): never {
  throw new RpcError(RPC_CODE.INVALID_PARAMETER, message);
}

/** What transactions would bring and cost, one after the other. */
class Simulation {
  changeSat = 0;
  readonly #wallet: Wallet;
  /** Own value of outputs that the transactions made, by outpoint. */
  readonly #made: Map<string, number> = new Map();
  readonly #spent: Set<string> = new Set();

  constructor(wallet: Wallet) {
    this.#wallet = wallet;
  }

  async add(transaction: Transaction): Promise<void> {
    const { books, chain } = this.#wallet;
    const outpoints = outpointsOf(transaction);
    const known = await chain.findOutputs(outpoints);
    for (const [i, outpoint] of outpoints.entries()) {
      const name = formatOutpoint(outpoint);
      if (this.#spent.has(name)) refuse('Transaction(s) are spending the same output more than once');
      const madeSat = this.#made.get(name);
      if (madeSat === undefined && known[i] === null) {
        refuse('One or more transaction inputs are missing or have been spent already');
      }
      const parent = madeSat === undefined ? books.view.find(outpoint.txid) : null;
      const ownSat = parent === null ? 0 : (books.view.ownOutput(parent.txidText, outpoint.index)?.valueSat ?? 0);
      this.changeSat -= madeSat ?? ownSat;
      this.#made.delete(name);
      this.#spent.add(name);
    }
    for (let index = 0; index < transaction.outputCount; index++) {
      const ownSat = books.scripts.isMine(transaction.scriptPubKey(index)) ? transaction.valueSat(index) : 0;
      this.#made.set(formatOutpoint({ txid: transaction.txid, index }), ownSat);
      this.changeSat += ownSat;
    }
  }
}

function simulate(context: RpcContext, args: Arguments): Promise<JsonOutput> {
  const wallet = requireWallet(context);
  const texts = args.list('rawtxs');
  return wallet.run(async () => {
    const simulation = new Simulation(wallet);
    for (const text of texts) {
      const transaction = parseTransaction(asText(text));
      if (transaction === null) {
        throw new RpcError(RPC_CODE.DESERIALIZATION_ERROR, 'Transaction hex string decoding failure.');
      }
      await simulation.add(transaction);
    }
    return { balance_change: valueFromAmount(simulation.changeSat) };
  });
}

/** The methods of this file. */
export const WALLET_SIGN_METHODS: readonly MethodSpec[] = Object.freeze([
  {
    name: 'signrawtransactionwithwallet',
    category: 'wallet',
    description: `Signs the inputs of a transaction that the wallet has keys for.\n${NEEDS_PASSPHRASE}`,
    parameters: [param('hexstring', 'string', 'The transaction in hexadecimal'), PREVIOUS_OUTPUTS, HASH_TYPE],
    results: SIGNED_FIELDS,
    examples: ['"myhex"'],
    run: signTransaction,
  },
  {
    name: 'walletprocesspsbt',
    category: 'wallet',
    description: `Adds to a PSBT what the wallet knows, and signs the inputs that it has keys for.\n${NEEDS_PASSPHRASE}`,
    parameters: [
      PSBT_PARAMETER,
      param('sign', 'boolean', 'Whether to sign', { default: true }),
      HASH_TYPE,
      param('bip32derivs', 'boolean', 'Whether to say where public keys come from', { default: true }),
      param('finalize', 'boolean', 'Whether complete inputs get their final scripts', { default: true }),
    ],
    results: [
      object([
        field('psbt', 'string', 'The PSBT in base 64'),
        field('complete', 'boolean', 'Whether all inputs are signed'),
        maybe('hex', 'hex', 'When it is complete: the transaction'),
      ]),
    ],
    examples: ['"psbt"'],
    run: processPsbt,
  },
  {
    name: 'signmessage',
    category: 'wallet',
    description: `Signs a message with the key of an address.\n${NEEDS_PASSPHRASE}`,
    parameters: [param('address', 'string', 'The address'), param('message', 'string', 'The message')],
    results: [result('string', 'The signature in base 64')],
    examples: ['"1D1ZrZNe3JUo7ZycKEYQQiQAWd9y54F4XX" "my message"'],
    run: signMessage,
  },
  {
    name: 'simulaterawtransaction',
    category: 'wallet',
    description: 'Says what transactions would bring the wallet or cost it.',
    parameters: [
      optional('rawtxs', 'array', 'The transactions in hexadecimal', { inner: [optional('rawtx', 'hex', '')] }),
      optional('options', 'named-options', '', {
        inner: [param('include_watchonly', 'boolean', '(DEPRECATED) No longer used', { default: false })],
      }),
    ],
    results: [object([field('balance_change', 'amount', 'The change, negative if it costs')])],
    examples: ['["myhex"]'],
    run: simulate,
  },
]);

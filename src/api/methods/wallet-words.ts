// Methods that only Tallystick has: wallets made of words that are written down (BIP39), the words shown again, and where money
// comes from.

import { formatHash } from '../../kernel/primitives/hashes.ts';
import { fromHex, parseHex, toHex } from '../../kernel/util/bytes.ts';
import { formatAddress } from '../../wallet/address.ts';
import {
  TRACE_STEPS_MAX,
  type Trace,
  type TraceOutput,
  type TraceStep,
  traceOutputs,
} from '../../wallet/books/trace.ts';
import type { OwnOutput } from '../../wallet/books/wallet-transaction.ts';
import {
  createMnemonic,
  formatMnemonic,
  MNEMONIC_BITS,
  MNEMONIC_LANGUAGES,
  type Mnemonic,
  type MnemonicError,
  type MnemonicLanguage,
  type MnemonicWordCount,
  parseMnemonic,
} from '../../wallet/keys/mnemonic.ts';
import { createMnemonicRoot } from '../../wallet/wallet/new-wallet.ts';
import type { Wallet } from '../../wallet/wallet/wallet.ts';
import { findMnemonicRoot, readWords } from '../../wallet/wallet/wallet-keys.ts';
import { valueFromAmount } from '../amount.ts';
import type { Arguments } from '../arguments.ts';
import type { RpcContext } from '../context.ts';
import { RPC_CODE, RpcError } from '../errors.ts';
import { readAddress } from '../format/address.ts';
import type { JsonOutput, JsonRecord } from '../json/json-value.ts';
import type { MethodSpec } from '../schema.ts';
import { field, maybe, OURS, object, optional, param } from '../schema-words.ts';
import { ensureUnlocked, NEEDS_PASSPHRASE, requireWallet, requireWallets } from './wallet-lookup.ts';
import { formatManaged, MANAGED_FIELDS, readStartup, STARTUP_PARAMETER } from './wallet-management.ts';

function refuse(message: string): never {
  throw new RpcError(RPC_CODE.INVALID_PARAMETER, message);
}

const LANGUAGE_LIST = MNEMONIC_LANGUAGES.map((one) => `"${one}"`).join(', ');
const COUNT_LIST = Object.keys(MNEMONIC_BITS).join(', ');

function readLanguage(text: string): MnemonicLanguage {
  return MNEMONIC_LANGUAGES.find((one) => one === text) ?? refuse(`language must be one of ${LANGUAGE_LIST}`);
}

function readCount(count: number): MnemonicWordCount {
  if (Object.hasOwn(MNEMONIC_BITS, count)) return count as MnemonicWordCount;
  return refuse(`words must be one of ${COUNT_LIST}`);
}

function giveMnemonic(context: RpcContext, args: Arguments): JsonOutput {
  const count = readCount(args.integer('words', 12));
  const language = readLanguage(args.text('language', 'english'));
  const { host } = requireWallets(context);
  return { mnemonic: formatMnemonic(createMnemonic(host.secureRandom, count, language)), language };
}

/** What is wrong with words; the words themselves are never repeated. */
function describeMnemonicError(error: MnemonicError): string {
  switch (error.kind) {
    case 'too-long':
      return `The text is longer than words can be: ${error.got} characters of at most ${error.expected}`;
    case 'bad-word-count':
      return `There are ${error.got} words, but it must be ${COUNT_LIST}`;
    case 'unknown-word':
      return `Word ${error.position + 1} is not in the list of words (${error.language})`;
    case 'bad-checksum':
      return 'All words exist, but they do not belong together: one of them is wrong, or two have changed places';
  }
}

function readMnemonic(args: Arguments): Mnemonic {
  const parsed = parseMnemonic(args.text('mnemonic'));
  if (!parsed.ok) refuse(describeMnemonicError(parsed.error));
  const language = args.text('language', null);
  if (language === null || readLanguage(language) === parsed.value.language) return parsed.value;
  return refuse(`The words are not of the list "${language}"`);
}

async function createFromMnemonic(context: RpcContext, args: Arguments): Promise<JsonOutput> {
  const wallets = requireWallets(context);
  const mnemonic = readMnemonic(args);
  const birthTimeSec = args.int64('birth_time', null);
  if (birthTimeSec !== null && birthTimeSec < 0) refuse('birth_time must not be negative');
  const passphrase = args.text('passphrase', '');
  const { host, secp } = wallets;
  const root = await createMnemonicRoot(mnemonic, args.text('mnemonic_passphrase', ''), host, secp);
  if (root === null) refuse('These words have no key. This has never happened to anybody');
  const created = await wallets.create({
    name: args.text('wallet_name'),
    hasPrivateKeys: true,
    isBlank: false,
    avoidsReuse: false,
    passphrase: passphrase === '' ? null : passphrase,
    loadsOnStartup: readStartup(args),
    root,
    birthTimeSec: birthTimeSec ?? 0,
  });
  return formatManaged(created);
}

const NO_WORDS =
  'The wallet was not made of words, so there are none to show. Its keys are in its file: backupwallet makes a copy of it';
const BAD_WORDS =
  'The words of the wallet cannot be read: its file is damaged. Restore the wallet from a backup, or from the words on paper';

function showMnemonic(context: RpcContext): Promise<JsonOutput> {
  const wallet = requireWallet(context);
  return wallet.run(async () => {
    const root = findMnemonicRoot(wallet);
    if (root === null) throw new RpcError(RPC_CODE.WALLET_ERROR, NO_WORDS);
    ensureUnlocked(wallet);
    const words = await readWords(wallet, root);
    if (!words.ok) throw new RpcError(RPC_CODE.WALLET_ERROR, BAD_WORDS);
    const { mnemonic, needsPassphrase } = words.value;
    return { mnemonic: formatMnemonic(mnemonic), language: mnemonic.language, needs_passphrase: needsPassphrase };
  });
}

// --- where money comes from -----------------------------------------------------------------------------------------------------------

const OUTPOINT_TEXT = /^([0-9a-fA-F]{64}):([0-9]{1,10})$/;

/** Own outputs that a text names: one, those of an address that are not spent, or with an empty text all of them. */
function findCoins({ books }: Wallet, { params }: RpcContext, subject: string): readonly OwnOutput[] {
  const { view } = books;
  // What a branch had that gave way, or what was replaced, is no money.
  const isMoney = (output: OwnOutput): boolean => {
    const { kind } = output.from.state;
    return (kind === 'confirmed' || kind === 'in-mempool') && !view.isSpent(output);
  };
  if (subject === '') return [...view.live].filter(isMoney);
  const [, txidText, index] = OUTPOINT_TEXT.exec(subject) ?? [];
  if (txidText !== undefined && parseHex(txidText).ok) {
    const output = view.ownOutput(txidText.toLowerCase(), Number(index));
    if (output !== null) return [output];
    throw new RpcError(RPC_CODE.INVALID_ADDRESS_OR_KEY, 'The wallet has no such output');
  }
  const { script, fault } = readAddress(subject, params.prefixes);
  if (script === null) throw new RpcError(RPC_CODE.INVALID_ADDRESS_OR_KEY, fault.message);
  if (!books.scripts.isMine(script)) {
    throw new RpcError(RPC_CODE.INVALID_ADDRESS_OR_KEY, 'The address is not of the wallet');
  }
  return view.outputsOf(toHex(script)).filter(isMoney);
}

function traceBalance(context: RpcContext, args: Arguments): Promise<JsonOutput> {
  const wallet = requireWallet(context);
  const stepsMax = args.integer('count', TRACE_STEPS_MAX);
  if (stepsMax < 1 || stepsMax > TRACE_STEPS_MAX) refuse(`count must be from 1 to ${TRACE_STEPS_MAX}`);
  return wallet.runSynchronised(() => {
    const coins = findCoins(wallet, context, args.text('subject', ''));
    return formatTrace(wallet, traceOutputs(wallet.books.view, coins, stepsMax));
  });
}

function formatTrace(wallet: Wallet, { steps, isCut, valueSat, origins }: Trace): JsonRecord {
  return {
    amount: valueFromAmount(valueSat),
    origins: origins.map((output) => formatOutput(wallet, output)),
    steps: steps.map((step) => formatStep(wallet, step)),
    cut: isCut,
  };
}

function formatStep(wallet: Wallet, step: TraceStep): JsonRecord {
  const { state } = step;
  const isConfirmed = state.kind === 'confirmed';
  return {
    txid: step.transaction.txidText,
    kind: step.kind,
    distance: step.distance,
    confirmations: wallet.books.view.depth(step.transaction),
    blockhash: isConfirmed ? formatHash(state.blockHash) : undefined,
    blockheight: isConfirmed ? state.height : undefined,
    time: step.transaction.timeSmartSec,
    spent: valueFromAmount(step.spentSat),
    paid: valueFromAmount(step.paidSat),
    outputs: step.outputs.map((output) => formatOutput(wallet, output)),
    inputs: step.spent.map((output) => formatOutput(wallet, output)),
  };
}

function formatOutput({ chain, books }: Wallet, { name, valueSat, scriptHex }: TraceOutput): JsonRecord {
  return {
    outpoint: name,
    amount: valueFromAmount(valueSat),
    address: formatAddress(fromHex(scriptHex), chain.params.prefixes) ?? undefined,
    label: books.addresses.labelOf(scriptHex) ?? undefined,
  };
}

const OUTPUT_FIELDS = [
  object([
    field('outpoint', 'string', 'The output: its transaction and its number'),
    field('amount', 'amount', 'Its value in BTC'),
    maybe('address', 'string', 'Its address'),
    maybe('label', 'string', 'The name of that address'),
  ]),
];

/** The methods of this file. */
export const WALLET_WORDS_METHODS: readonly MethodSpec[] = Object.freeze([
  {
    ...OURS,
    name: 'createmnemonic',
    description:
      'Draws new words that a wallet can be made of (BIP39). They are kept nowhere: whoever reads them can spend what the wallet holds, and without them a lost wallet cannot be brought back.',
    parameters: [
      param('words', 'number', `How many: ${COUNT_LIST}`, { default: 12 }),
      param('language', 'string', `The list that they are taken from: ${LANGUAGE_LIST}`, { default: 'english' }),
    ],
    results: [
      object([field('mnemonic', 'string', 'The words'), field('language', 'string', 'The list that they are of')]),
    ],
    examples: ['', '24 english'],
    run: giveMnemonic,
  },
  {
    ...OURS,
    name: 'createmnemonicwallet',
    description:
      'Makes a wallet of words (BIP39) and loads it: the same words give the same addresses, here and in other programs (BIP44, 49, 84, 86). The chain is looked through from the day of their birth.',
    parameters: [
      param('wallet_name', 'string', 'The name'),
      param('mnemonic', 'string', 'The words'),
      optional('language', 'string', `The list that they must be of: ${LANGUAGE_LIST}`),
      param('mnemonic_passphrase', 'string', 'A passphrase that belongs to the words; another gives another wallet', {
        default: '',
      }),
      optional('passphrase', 'string', 'The private keys are encrypted with this'),
      param('birth_time', 'number', 'Since when the words may have been paid, in seconds since 1970', {
        defaultHint: 'as long as there are blocks',
      }),
      STARTUP_PARAMETER,
    ],
    results: MANAGED_FIELDS,
    examples: [
      '"paper" "abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon about"',
    ],
    run: createFromMnemonic,
  },
  {
    ...OURS,
    name: 'showmnemonic',
    description: `Shows the words that the wallet was made of. Whoever reads them can spend what it holds.\n${NEEDS_PASSPHRASE}`,
    parameters: [],
    results: [
      object([
        field('mnemonic', 'string', 'The words'),
        field('language', 'string', 'The list that they are of'),
        field(
          'needs_passphrase',
          'boolean',
          'Whether a passphrase of their own belongs to the words, which is kept nowhere: without it they give another wallet',
        ),
      ]),
    ],
    examples: [''],
    run: showMnemonic,
  },
  {
    ...OURS,
    name: 'tracebalance',
    description:
      'Says where money of the wallet comes from: back through its own transactions to rewards and to payments by others.',
    parameters: [
      param('subject', 'string', 'An address of the wallet, or an output as txid:n; empty: all that it has', {
        default: '',
      }),
      param('count', 'number', 'Most transactions to follow', { default: TRACE_STEPS_MAX }),
    ],
    results: [
      object([
        field('amount', 'amount', 'The sum asked for, in BTC'),
        field('origins', 'array', 'Where it comes from: outputs of rewards and of payments by others', {
          inner: OUTPUT_FIELDS,
        }),
        field('steps', 'array', 'The transactions on the way, nearest first', {
          inner: [
            object([
              field('txid', 'hex', 'The transaction'),
              field('kind', 'string', 'reward, received, own (only own inputs) or shared'),
              field('distance', 'number', 'How many transactions from what was asked for'),
              field('confirmations', 'number', 'Its confirmations'),
              maybe('blockhash', 'hex', 'Its block'),
              maybe('blockheight', 'number', 'The height of that block'),
              field('time', 'time', 'When'),
              field('spent', 'amount', 'What all own inputs brought'),
              field('paid', 'amount', 'What all outputs hold'),
              field('outputs', 'array', 'Own outputs that lead to what was asked for', { inner: OUTPUT_FIELDS }),
              field('inputs', 'array', 'Own outputs that it spent', { inner: OUTPUT_FIELDS }),
            ]),
          ],
        }),
        field('cut', 'boolean', 'Whether there was more than could be followed'),
      ]),
    ],
    examples: ['', '"bc1q09vm5lfy0j5reeulh4x5752q25uqqvz34hufdl"'],
    run: traceBalance,
  },
]);

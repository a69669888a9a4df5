// importdescriptors: descriptors of others, or of older wallets, become the wallet's, and the chain is looked through for what they were
// paid (Core wallet/rpc/backup.cpp). Each is taken in or refused by itself.

import { hash160 } from '../../kernel/crypto/hash160.ts';
import { toHex } from '../../kernel/util/bytes.ts';
import type { Steps } from '../../kernel/util/steps.ts';
import { runSteps } from '../../wallet/books/change-list.ts';
import { addressTypeOf, isSingleType } from '../../wallet/books/output-type.ts';
import type { AddressUse } from '../../wallet/books/records.ts';
import { type Descriptor, isRanged, keysOf } from '../../wallet/descriptor/descriptor.ts';
import { KeyRing } from '../../wallet/descriptor/key-ring.ts';
import { describeUnsafeLocks } from '../../wallet/descriptor/lock-warnings.ts';
import { parseDescriptorSteps } from '../../wallet/descriptor/parse.ts';
import { findFirstHeight, TIMESTAMP_WINDOW_SEC } from '../../wallet/wallet/chain-follower.ts';
import type { Wallet } from '../../wallet/wallet/wallet.ts';
import { findMissingSecret, importDescriptor } from '../../wallet/wallet/wallet-keys.ts';
import { type Arguments, asFlag, asInt64, asObject, asText } from '../arguments.ts';
import type { RpcContext } from '../context.ts';
import { RPC_CODE, RpcError } from '../errors.ts';
import { JsonNumber, type JsonObject, type JsonOutput, type JsonRecord, jsonKind } from '../json/json-value.ts';
import type { MethodSpec } from '../schema.ts';
import { field, maybe, object, optional, param, result } from '../schema-words.ts';
import { readRange as readPositions } from './script-parameter.ts';
import { ensureUnlocked, readLabel, requireWallet, requireWallets } from './wallet-lookup.ts';
import { refuseSecondScan } from './wallet-scan.ts';
import { option, refuseParameter } from './wallet-spend-options.ts';

/** Times before this are taken for it (Core). */
const TIMESTAMP_MIN = 1;

function refuseImport(message: string): never {
  throw new RpcError(RPC_CODE.WALLET_ERROR, message);
}

function refuseKey(message: string): never {
  throw new RpcError(RPC_CODE.INVALID_ADDRESS_OR_KEY, message);
}

/** Since when a descriptor may have been paid. */
function readTimestamp(data: JsonObject, nowSec: number): number {
  const value = option(data, 'timestamp');
  if (!data.has('timestamp')) throw new RpcError(RPC_CODE.TYPE_ERROR, 'Missing required timestamp field for key');
  if (value === 'now') return nowSec;
  if (value instanceof JsonNumber) return asInt64(value);
  throw new RpcError(
    RPC_CODE.TYPE_ERROR,
    `Expected number or "now" timestamp value for key. got type ${jsonKind(value)}`,
  );
}

/** One request, read. */
interface ImportRequest {
  readonly descriptors: readonly Descriptor[];
  readonly ring: KeyRing;
  readonly isActive: boolean;
  readonly isInternal: boolean;
  readonly label: string;
  readonly rangeStart: number;
  readonly rangeEnd: number;
  readonly nextIndex: number | null;
  readonly timestampSec: number;
}

function* readRequest(
  wallet: Wallet,
  data: JsonObject,
  timestampSec: number,
  warnings: string[],
): Steps<ImportRequest> {
  if (!data.has('desc')) refuseParameter('Descriptor not found.');
  const text = asText(option(data, 'desc'));
  const isActive = asFlag(option(data, 'active') ?? false);
  const label = readLabel(option(data, 'label'));
  const ring = new KeyRing();
  const { prefixes } = wallet.chain.params;
  const reading = { prefixes, secp: wallet.secp, ring };
  const parsed = yield* parseDescriptorSteps(text, reading, { requiresChecksum: true });
  if (!parsed.ok) refuseKey(parsed.error);
  const descriptors = parsed.value;
  const isMultipath = descriptors.length > 1;
  if (data.has('internal') && isMultipath) {
    refuseKey("Cannot have multipath descriptor while also specifying 'internal'");
  }
  const isInternal = data.has('internal') && asFlag(option(data, 'internal'));
  const first = descriptors[0]!;
  const range = readRange(wallet, data, first, warnings);
  if (isActive && !isRanged(first)) refuseParameter('Active descriptors must be ranged');
  if (data.has('label')) {
    if (isMultipath) refuseParameter('Multipath descriptors should not have a label');
    if (isRanged(first)) refuseParameter('Ranged descriptors should not have a label');
    if (isInternal) refuseParameter('Internal addresses should not have a label');
  }
  if (isActive && !isSingleType(first)) refuseImport('Combo descriptors cannot be set to active');
  if (!wallet.flags.hasPrivateKeys && ring.secretCount > 0) {
    refuseImport('Cannot import private keys to a wallet with private keys disabled');
  }
  return { descriptors, ring, isActive, isInternal, label, ...range, timestampSec };
}

/** The positions of a row. */
function readRange(wallet: Wallet, data: JsonObject, descriptor: Descriptor, warnings: string[]) {
  if (!isRanged(descriptor)) {
    if (data.has('range')) refuseParameter('Range should not be specified for an un-ranged descriptor');
    return { rangeStart: 0, rangeEnd: 1, nextIndex: 0 };
  }
  let rangeStart = 0;
  let rangeEnd = wallet.settings.keypoolSize;
  if (data.has('range')) {
    const { first, last } = readPositions(option(data, 'range'));
    rangeStart = first;
    rangeEnd = last + 1;
  } else {
    warnings.push('Range not given, using default keypool range');
  }
  if (!data.has('next_index')) return { rangeStart, rangeEnd, nextIndex: rangeStart };
  const nextIndex = asInt64(option(data, 'next_index'));
  if (nextIndex < rangeStart || nextIndex >= rangeEnd) refuseParameter('next_index is out of range');
  return { rangeStart, rangeEnd, nextIndex };
}

/** Takes one request in; what is wrong with it is its answer. */
async function processRequest(wallet: Wallet, data: JsonObject, timestampSec: number): Promise<JsonRecord> {
  const warnings: string[] = [];
  const notes = (): JsonRecord => (warnings.length === 0 ? {} : { warnings });
  try {
    const request = await runSteps(readRequest(wallet, data, timestampSec, warnings), wallet.host.yieldToHost);
    for (const [i, descriptor] of request.descriptors.entries()) {
      const isInternal = request.descriptors.length === 2 ? i === 1 : request.isInternal;
      await takeIn(wallet, request, descriptor, isInternal, asText(option(data, 'desc')), warnings);
    }
    return { success: true, ...notes() };
  } catch (error) {
    if (!(error instanceof RpcError)) throw error;
    return { success: false, error: { code: error.code, message: error.message }, ...notes() };
  }
}

async function takeIn(
  wallet: Wallet,
  request: ImportRequest,
  descriptor: Descriptor,
  isInternal: boolean,
  text: string,
  warnings: string[],
): Promise<void> {
  const { ring, isActive, label } = request;
  const missing = await runSteps(findMissingSecret(wallet, descriptor, ring), wallet.host.yieldToHost);
  if (missing === 'not-expandable') {
    refuseImport('Cannot expand descriptor. Probably because of hardened derivations without private keys provided');
  }
  for (const warning of describeUnsafeLocks(descriptor)) warnings.push(warning);
  if (wallet.flags.hasPrivateKeys) {
    if (ring.secretCount === 0) {
      refuseImport('Cannot import descriptor without private keys to a wallet with private keys enabled');
    }
    if (missing === 'some') {
      warnings.push('Not all private keys provided. Some wallet functionality may return unexpected errors');
    }
  }
  if (descriptor.type === 'unused') checkUnused(wallet, descriptor);
  const use: AddressUse = isInternal ? 'change' : 'receive';
  const isTyped = addressTypeOf(descriptor) !== null;
  if (isActive && !isTyped) warnings.push('Unknown output type, cannot set descriptor to active.');
  const added = await importDescriptor(wallet, {
    descriptor,
    ring,
    createdSec: request.timestampSec,
    rangeStart: request.rangeStart,
    rangeEnd: request.rangeEnd,
    nextIndex: request.nextIndex,
    activeFor: isActive && isTyped ? use : null,
    label: isInternal ? null : label,
  });
  if (!added.ok) refuseImport(`Could not add descriptor '${text}': ${added.error}`);
}

/** A key that is kept for later use must be new. */
function checkUnused(wallet: Wallet, descriptor: Descriptor): void {
  if (!wallet.flags.hasPrivateKeys) {
    refuseImport('Cannot import unused() to wallet without private keys enabled');
  }
  const names = new Set(
    keysOf(descriptor).map((key) => toHex(hash160(key.kind === 'fixed' ? key.publicKey : key.root.publicKey))),
  );
  for (const { given } of wallet.books.scripts.descriptors()) {
    const isKnown = keysOf(given).some((key) =>
      names.has(toHex(hash160(key.kind === 'fixed' ? key.publicKey : key.root.publicKey))),
    );
    if (isKnown) {
      refuseImport('Cannot import an unused() descriptor when its private key is already in the wallet');
    }
  }
}

// --- the method -----------------------------------------------------------------------------------------------------------------------

/** What was read, with the time of each request. */
interface Imported {
  readonly results: readonly JsonRecord[];
  readonly times: readonly number[];
  readonly lowestSec: number;
}

async function importDescriptors(context: RpcContext, args: Arguments): Promise<JsonOutput> {
  const wallet = requireWallet(context);
  if (wallet.scan !== null) refuseSecondScan();
  const requests = args.list('requests').map(asObject);
  const imported = await wallet.runSynchronised(() => takeAllIn(wallet, requests));
  if (!imported.results.some(({ success }) => success === true)) return imported.results;
  const { chain } = wallet;
  const startHeight = findFirstHeight(chain, imported.lowestSec - TIMESTAMP_WINDOW_SEC, 0);
  if (startHeight === null) return imported.results;
  const scan = wallet.rescan(startHeight, null, true);
  if (scan === null) return refuseSecondScan();
  const { outcome, failedHeight } = await scan;
  await requireWallets(context).resubmit(wallet);
  if (outcome === 'aborted') throw new RpcError(RPC_CODE.MISC_ERROR, 'Rescan aborted by user.');
  const failed = failedHeight === null ? null : chain.blockAt(failedHeight);
  return failed === null ? imported.results : describeFailures(context, imported, failed.maxTimeSec);
}

async function takeAllIn(wallet: Wallet, requests: readonly JsonObject[]): Promise<Imported> {
  ensureUnlocked(wallet);
  const tip = wallet.chain.findBlock(wallet.lastBlock.blockHash);
  const nowSec = tip?.medianTimeSec ?? 0;
  let lowestSec = tip?.timeSec ?? 0;
  const times: number[] = [];
  const results: JsonRecord[] = [];
  for (const data of requests) {
    const toldSec = readTimestamp(data, nowSec);
    const timeSec = Math.max(toldSec, TIMESTAMP_MIN);
    times.push(toldSec);
    results.push(await processRequest(wallet, data, timeSec));
    lowestSec = Math.min(lowestSec, timeSec);
  }
  return { results, times, lowestSec };
}

/** Descriptors that are older than a block that could not be read may miss something. */
function describeFailures({ chain, host }: RpcContext, { results, times }: Imported, failedSec: number): JsonOutput {
  const scannedSec = failedSec + TIMESTAMP_WINDOW_SEC + 1;
  const cause = host.isPruned
    ? ' This error could be caused by pruning or data corruption (see debug log for details) and could be dealt with by downloading and rescanning the relevant blocks (see -reindex option and rescanblockchain RPC).'
    : chain.background !== null
      ? ' This error is likely caused by an in-progress assumeutxo background sync. Check logs or getchainstates RPC for assumeutxo background sync progress and try again later.'
      : ' This error could potentially caused by data corruption. If the issue persists you may want to reindex (see -reindex option).';
  return results.map((one, i) => {
    const timeSec = times[i]!;
    if (scannedSec <= timeSec || one['error'] !== undefined) return one;
    const message = `Rescan failed for descriptor with timestamp ${timeSec}. There was an error reading a block from time ${failedSec}, which is after or within ${TIMESTAMP_WINDOW_SEC} seconds of key creation, and could contain transactions pertaining to the desc. As a result, transactions and coins using this desc may not appear in the wallet.${cause}`;
    return { success: false, error: { code: RPC_CODE.MISC_ERROR, message } };
  });
}

/** The methods of this file. */
export const WALLET_IMPORT_METHODS: readonly MethodSpec[] = Object.freeze([
  {
    name: 'importdescriptors',
    category: 'wallet',
    description:
      'Takes descriptors into the wallet and looks through the chain from the earliest of their times on. Make a new backup afterwards.\nOf a descriptor with alternatives in its paths the second, if there are two, is for change.',
    parameters: [
      param('requests', 'array', 'What is taken in', {
        oneline: 'requests',
        inner: [
          optional('', 'object', '', {
            inner: [
              param('desc', 'string', 'The descriptor'),
              param('active', 'boolean', 'Whether new addresses of its type come from it', { default: false }),
              optional('range', 'range', 'The end, or the begin and the end, of its positions'),
              optional('next_index', 'number', 'Position of the next address'),
              param(
                'timestamp',
                'number',
                'Since when it may have been paid, in seconds since 1970; "now": it never was. Blocks from two hours before on are looked through.',
                { typeTexts: ['timestamp | "now"', 'integer / string'] },
              ),
              param('internal', 'boolean', 'Whether it is for change', { default: false }),
              param('label', 'string', 'A name for its address; only without a range, and not for change', {
                default: '',
              }),
            ],
          }),
        ],
      }),
    ],
    results: [
      result('array', 'In the order of the requests', {
        inner: [
          object([
            field('success', 'boolean', 'Whether it was taken in'),
            maybe('warnings', 'array', 'What to know', { inner: [result('string', '')] }),
            maybe('error', 'object', 'Why not', {
              inner: [field('code', 'number', 'The code of the error'), field('message', 'string', 'What is wrong')],
            }),
          ]),
        ],
      }),
    ],
    examples: ['\'[{ "desc": "<my descriptor>", "timestamp": 1455191478, "internal": true }]\''],
    run: importDescriptors,
  },
]);

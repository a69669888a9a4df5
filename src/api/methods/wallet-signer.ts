// Wallets whose keys are on a device (createwallet with external_signer; Core wallet/external_signer_scriptpubkeyman.cpp): it says which
// descriptors there are, shows addresses, and signs. What it answers is checked: descriptors as if somebody imported them, addresses
// against ours, signatures when the transaction is put together.

import { toHex } from '../../kernel/util/bytes.ts';
import { ok, type Result } from '../../kernel/util/result.ts';
import { formatAddress } from '../../wallet/address.ts';
import { finishSteps } from '../../wallet/books/change-list.ts';
import { addressTypeOf } from '../../wallet/books/output-type.ts';
import { isRanged } from '../../wallet/descriptor/descriptor.ts';
import { inferDescriptor } from '../../wallet/descriptor/infer.ts';
import { KeyRing } from '../../wallet/descriptor/key-ring.ts';
import { parseDescriptor } from '../../wallet/descriptor/parse.ts';
import { decodePsbtInSteps } from '../../wallet/psbt/decode.ts';
import type { FilledPsbt, FillOptions } from '../../wallet/psbt/fill.ts';
import type { Psbt } from '../../wallet/psbt/psbt.ts';
import type { PsbtFault } from '../../wallet/psbt/psbt-session.ts';
import type { WatchedDescriptor } from '../../wallet/wallet/new-wallet.ts';
import type { Wallet } from '../../wallet/wallet/wallet.ts';
import { fillWithWallet } from '../../wallet/wallet/wallet-psbt.ts';
import type { Arguments } from '../arguments.ts';
import { parseBase64 } from '../base64.ts';
import type { RpcContext } from '../context.ts';
import { RPC_CODE, RpcError } from '../errors.ts';
import type { ExternalSigner, ExternalSigners } from '../external-signer.ts';
import { isJsonArray, isJsonObject, type JsonOutput, type JsonValue } from '../json/json-value.ts';
import type { MethodSpec } from '../schema.ts';
import { field, object, param } from '../schema-words.ts';
import { runSteps } from '../turns.ts';
import { writePsbt } from './psbt-parameter.ts';
import { askSigner } from './signers.ts';
import { requireAddress } from './wallet-addresses.ts';
import { requireWallet } from './wallet-lookup.ts';

/** The account that wallets of devices are made of (Core). */
const ACCOUNT = 0;

/** Most descriptors for one use that a device may have. Ours: one for each type of address is usual. */
const DESCRIPTORS_MAX = 100;

/** Why the device did not sign (Core PSBTErrorString). */
const NOT_FOUND = 'External signer not found';
const NOT_SIGNED = 'External signer failed to sign';

function refuse(message: string): never {
  throw new RpcError(RPC_CODE.MISC_ERROR, message);
}

function requireProgram({ signers }: RpcContext): ExternalSigners {
  return signers ?? refuse('restart bitcoind with -signer=<cmd>');
}

function requireSigner(context: RpcContext): Promise<ExternalSigner> {
  return askSigner(requireProgram(context).requireOne());
}

function fieldOf(value: JsonValue, name: string): JsonValue {
  return isJsonObject(value) ? (value.get(name) ?? null) : null;
}

// --- descriptors ----------------------------------------------------------------------------------------------------------------------

/** The descriptors of the device's first account, for a new wallet. */
export async function readSignerDescriptors(context: RpcContext): Promise<readonly WatchedDescriptor[]> {
  const signer = await requireSigner(context);
  const answer = await askSigner(signer.getDescriptors(ACCOUNT));
  return (['receive', 'change'] as const).flatMap((use) => {
    const texts = fieldOf(answer, use === 'receive' ? 'receive' : 'internal');
    if (!isJsonArray(texts) || texts.length > DESCRIPTORS_MAX) {
      return refuse('SetupDescriptorScriptPubKeyMans: Unexpected result');
    }
    return texts.flatMap((text) => readDescriptor(context, text, use));
  });
}

/** None where wallets have no use for its type. */
function readDescriptor(
  { params, secp }: RpcContext,
  value: JsonValue,
  use: WatchedDescriptor['use'],
): readonly WatchedDescriptor[] {
  const text = typeof value === 'string' ? value : '';
  const ring = new KeyRing();
  const parsed = parseDescriptor(text, { prefixes: params.prefixes, secp, ring });
  if (!parsed.ok) return refuseDescriptor(text, parsed.error);
  const descriptor = parsed.value[0]!;
  if (ring.secretCount > 0) return refuseDescriptor(text, 'it has private keys');
  if (!isRanged(descriptor)) return refuseDescriptor(text, 'it is not ranged');
  return addressTypeOf(descriptor) === null ? [] : [{ descriptor, use }];
}

function refuseDescriptor(text: string, reason: string): never {
  return refuse(`SetupDescriptorScriptPubKeyMans: Invalid descriptor "${text}" (${reason})`);
}

// --- signing --------------------------------------------------------------------------------------------------------------------------

/** Fills a PSBT and signs it, with the wallet's own keys or by its device. Within a command of the wallet. */
export async function fillAndSign(
  context: RpcContext,
  wallet: Wallet,
  psbt: Psbt,
  options: FillOptions,
): Promise<Result<FilledPsbt, PsbtFault>> {
  if (!options.signs || !wallet.flags.hasExternalSigner) return fillWithWallet(wallet, psbt, options);
  const described = await fillWithWallet(wallet, psbt, { ...options, signs: false });
  if (!described.ok || described.value.isComplete) return described;
  const signed = await signOnDevice(context, wallet, described.value.psbt);
  const filled = await fillWithWallet(wallet, signed, { ...options, signs: false, showsOrigins: false });
  return filled.ok ? ok(filled.value) : filled;
}

async function signOnDevice(context: RpcContext, wallet: Wallet, psbt: Psbt): Promise<Psbt> {
  const { log } = wallet;
  const fail = (message: string, why: string): never => {
    log.warn(why);
    throw new RpcError(RPC_CODE.VERIFY_ERROR, message);
  };
  // What is wrong with the program itself is told as it is; that no device is there has a sentence of its own.
  const signers = await askSigner(requireProgram(context).enumerate());
  const [signer] = signers;
  if (signer === undefined || signers.length > 1) {
    return fail(NOT_FOUND, signer === undefined ? 'No external signers found' : 'More than one external signer found');
  }
  if (!hasKeyOf(psbt, signer.fingerprint)) {
    return fail(NOT_SIGNED, `Signer fingerprint ${signer.fingerprint} does not match any of the inputs`);
  }
  const answer = await askSigner(signer.signTransaction(writePsbt(psbt)));
  const error = fieldOf(answer, 'error');
  if (typeof error === 'string') return fail(NOT_SIGNED, `Failed to sign: ${error}`);
  const text = fieldOf(answer, 'psbt');
  const bytes = typeof text === 'string' ? parseBase64(text) : null;
  if (bytes === null) return fail(NOT_SIGNED, 'Failed to sign: Unexpected result from signer');
  const decoded = await runSteps(context, decodePsbtInSteps(bytes, context.secp));
  return decoded.ok ? decoded.value : fail(NOT_SIGNED, `Failed to sign: TX decode failed ${decoded.error}`);
}

/** Whether any input has a key of the device. */
function hasKeyOf({ inputs }: Psbt, fingerprint: string): boolean {
  const wanted = fingerprint.toLowerCase();
  return inputs.some(({ derivations, tapDerivations }) =>
    [...derivations.values(), ...tapDerivations.values()].some(({ origin }) => toHex(origin.fingerprint) === wanted),
  );
}

// --- the method -----------------------------------------------------------------------------------------------------------------------

function displayAddress(context: RpcContext, args: Arguments): Promise<JsonOutput> {
  const wallet = requireWallet(context);
  const { prefixes } = context.params;
  return wallet.run(async () => {
    const given = args.text('address');
    const script = requireAddress(context, given, 'Invalid address');
    const ring = new KeyRing();
    if (!wallet.flags.hasExternalSigner || !finishSteps(wallet.books.scripts.addSolvingData(script, ring))) {
      return refuse('There is no ScriptPubKeyManager for this address');
    }
    const signer = await requireSigner(context);
    const descriptor = inferDescriptor(script, prefixes, wallet.secp, ring);
    const answer = await askSigner(signer.displayAddress(descriptor));
    const error = fieldOf(answer, 'error');
    if (typeof error === 'string') refuse(`Signer returned error: ${error}`);
    const shown = fieldOf(answer, 'address');
    if (typeof shown !== 'string') return refuse('Signer did not echo address');
    if (shown !== formatAddress(script, prefixes)) refuse(`Signer echoed unexpected address ${shown}`);
    return { address: given };
  });
}

/** The methods of this file. */
export const WALLET_SIGNER_METHODS: readonly MethodSpec[] = Object.freeze([
  {
    name: 'walletdisplayaddress',
    category: 'wallet',
    description: 'Has the device that signs for the wallet show an address, to be compared.',
    parameters: [param('address', 'string', 'The address')],
    results: [object([field('address', 'string', 'The address, as the device has shown it')])],
    examples: [''],
    run: displayAddress,
  },
]);

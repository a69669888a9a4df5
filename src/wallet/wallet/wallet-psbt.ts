// PSBTs of a wallet within one of its commands: filled with what it knows, signed with what it has (Core CWallet::FillPSBT).

import { hash160 } from '../../kernel/crypto/hash160.ts';
import type { Secp256k1 } from '../../kernel/crypto/secp256k1.ts';
import { createP2pk, createP2pkh, createP2sh, createWitnessProgram } from '../../kernel/script/script-builder.ts';
import { createTaprootOutput } from '../../kernel/script/taproot-builder.ts';
import type { Result } from '../../kernel/util/result.ts';
import type { Steps } from '../../kernel/util/steps.ts';
import { runSteps } from '../books/change-list.ts';
import { KeyRing } from '../descriptor/key-ring.ts';
import {
  addPreviousTransactions,
  type FilledPsbt,
  type FillOptions,
  fillPsbt,
  listedPublicKeys,
} from '../psbt/fill.ts';
import type { Psbt } from '../psbt/psbt.ts';
import type { PsbtFault } from '../psbt/psbt-session.ts';
import { spentOutputOf } from '../psbt/psbt-transaction.ts';
import type { Wallet } from './wallet.ts';

/** Fills a PSBT. */
export async function fillWithWallet(
  wallet: Wallet,
  psbt: Psbt,
  options: FillOptions,
): Promise<Result<FilledPsbt, PsbtFault>> {
  const { books, secp, host, musigNonces } = wallet;
  const known = addPreviousTransactions(psbt, (txid) => books.view.find(txid)?.transaction ?? null);
  const ring = await runSteps(gatherKeys(wallet, known, options.signs), host.yieldToHost);
  return runSteps(fillPsbt(known, ring, { ...options, musigNonces }, secp), host.yieldToHost);
}

/** What the wallet knows of the inputs and outputs, and of the keys that they list. */
function* gatherKeys({ books, secp }: Wallet, psbt: Psbt, withSecrets: boolean): Steps<KeyRing> {
  const ring = new KeyRing();
  for (const input of psbt.inputs) {
    yield;
    const script = spentOutputOf(input)?.scriptPubKey;
    if (script !== undefined && (yield* books.scripts.addSolvingData(script, ring, withSecrets))) continue;
    for (const publicKey of listedPublicKeys(input)) {
      yield;
      for (const own of singleScripts(publicKey, secp)) yield* books.scripts.addSolvingData(own, ring, withSecrets);
    }
  }
  for (const { scriptPubKey } of psbt.outputs) {
    yield;
    yield* books.scripts.addSolvingData(scriptPubKey, ring);
  }
  return ring;
}

/** The usual scripts of one key: if the wallet has one of them, it has the key. */
function singleScripts(publicKey: Uint8Array, secp: Secp256k1): readonly Uint8Array[] {
  const keyHash = hash160(publicKey);
  const program = createWitnessProgram(0, keyHash);
  const taproot = createTaprootOutput(secp, publicKey.subarray(1, 33));
  return [
    createP2pkh(keyHash),
    program,
    createP2sh(hash160(program)),
    createP2pk(publicKey),
    ...(taproot === null ? [] : [createWitnessProgram(1, taproot.outputKey)]),
  ];
}

// A fault at each call that the kernel makes to the outside: to the curve, to the memory of signatures, to the coins. The fault comes
// out as it is and never as a verdict, and the same objects judge rightly afterwards.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CoinsOverlay } from '../../src/kernel/consensus/coins-overlay.ts';
import type { CoinsView } from '../../src/kernel/consensus/coins-view.ts';
import { formatReject } from '../../src/kernel/consensus/reject.ts';
import { validateBlock } from '../../src/kernel/consensus/validate-block.ts';
import type { Secp256k1 } from '../../src/kernel/crypto/secp256k1.ts';
import { nobleSecp256k1 } from '../../src/kernel/crypto/secp256k1-noble.ts';
import { SignatureCache } from '../../src/kernel/script/sig-cache.ts';
import { InputVerifier } from '../../src/kernel/script/verify.ts';
import { assumeGoodSignatures } from '../bench/recorder.ts';
import { TEST_RNG } from '../model/block-builder.ts';
import { openVectorFolder, vectorsPath } from '../vectors/folder.ts';
import { recogniseSpendingFile, type SpendingBlock } from '../vectors/spending-block.ts';
import { prepareSurroundings, type Surroundings } from '../vectors/surroundings.ts';

/** P2WPKH, P2WSH, and taproot by key and by script: every call to the curve that verification makes. */
const BLOCK = 'blocks/with-prevouts/normalized/mainnet-757739.json.gz';

const folder = openVectorFolder(vectorsPath());
const skip = folder === null && 'vectors absent';

function readBlock(): SpendingBlock {
  const file = folder?.find(BLOCK);
  const recognised = file === undefined ? null : recogniseSpendingFile(file, folder!);
  assert.equal(recognised?.kind, 'block');
  return recognised.read();
}

/** Counts calls, and throws its fault at one of them. */
class Injector {
  calls = 0;
  readonly fault: Error;
  #throwAt = -1;

  constructor(fault: Error) {
    this.fault = fault;
  }

  /** Throws at call `index` from now on, counted from 0; −1: never. */
  arm(index: number): void {
    this.calls = 0;
    this.#throwAt = index;
  }

  /** To be called where a fault may happen. */
  step(): void {
    if (this.calls++ === this.#throwAt) throw this.fault;
  }
}

/** The object with the injector called before each of the methods named. */
function faulty<T extends object>(target: T, names: readonly (keyof T & string)[], injector: Injector): T {
  const methods = names.map((name) => {
    const method = (target[name] as (...values: unknown[]) => unknown).bind(target);
    return [
      name,
      (...values: unknown[]): unknown => {
        injector.step();
        return method(...values);
      },
    ] as const;
  });
  return Object.assign(Object.create(target) as T, Object.fromEntries(methods));
}

/** The verdict on a block, in words and figures. The overlay is left changed. */
function judge(source: SpendingBlock, overlay: CoinsOverlay, { params, branch, verifier }: Surroundings): string {
  const result = validateBlock(source.block, overlay, branch, params, { verifier });
  if (!result.ok) return formatReject(result.error);
  return `valid ${result.value.feesSat} ${result.value.sigopsCost} ${result.value.scriptJobs.length}`;
}

/** Throws at each of the calls of a judgement in turn and asks again after each. */
function injectEverywhere(
  injector: Injector,
  run: () => string,
  recover: () => void,
): { readonly callCount: number; readonly verdict: string } {
  injector.arm(-1);
  const verdict = run();
  recover();
  const callCount = injector.calls;
  for (let index = 0; index < callCount; index++) {
    injector.arm(index);
    assert.throws(run, (thrown) => thrown === injector.fault, `call ${index}`);
    recover();
    injector.arm(-1);
    assert.equal(run(), verdict, `after a fault at call ${index}`);
    recover();
  }
  return { callCount, verdict };
}

const CURVE_CALLS = ['verifyEcdsa', 'verifySchnorr', 'checkXOnlyTweak'] as const;

test('J01: a fault of the curve at any of its calls is no verdict, and the verifier and the overlay go on', {
  skip,
}, () => {
  const source = readBlock();
  const answers = assumeGoodSignatures(nobleSecp256k1);
  for (const fault of [new Error('no memory'), new RangeError('Array buffer allocation failed')]) {
    const injector = new Injector(fault);
    const curve: Secp256k1 = faulty(answers, CURVE_CALLS, injector);
    const verifier = new InputVerifier(curve);
    const surroundings = prepareSurroundings(source, verifier);
    const overlay = new CoinsOverlay(surroundings.coins, TEST_RNG);
    const { callCount, verdict } = injectEverywhere(
      injector,
      () => judge(source, overlay, surroundings),
      () => overlay.reset(),
    );
    assert.match(verdict, /^valid /);
    assert.ok(callCount >= 100, `${callCount} calls`);
  }
});

test('J01: a signature that is not good is refused as before after a fault of the curve', { skip }, () => {
  const source = readBlock();
  const injector = new Injector(new Error('no memory'));
  let answersLeft = 0;
  const answer = (): boolean => answersLeft-- > 0;
  const denying = { ...assumeGoodSignatures(nobleSecp256k1), verifyEcdsa: answer, verifySchnorr: answer };
  const verifier = new InputVerifier(faulty(denying, CURVE_CALLS, injector));
  const surroundings = prepareSurroundings(source, verifier);
  const overlay = new CoinsOverlay(surroundings.coins, TEST_RNG);
  const run = (): string => {
    answersLeft = 40;
    return judge(source, overlay, surroundings);
  };
  const { callCount, verdict } = injectEverywhere(injector, run, () => overlay.reset());
  assert.match(verdict, /^block-script-verify-flag-failed/);
  assert.ok(callCount > 40, `${callCount} calls`);
});

test('J01: a fault of the signature cache is no verdict', { skip }, () => {
  const source = readBlock();
  const injector = new Injector(new Error('no memory'));
  const cache = new SignatureCache({ entryCountMax: 1_000, salt: new Uint8Array(32).fill(1) });
  // Remembers nothing, so that every run asks the same.
  const forgetful = Object.assign(Object.create(cache) as SignatureCache, { has: () => false, add: () => {} });
  const verifier = new InputVerifier(assumeGoodSignatures(nobleSecp256k1), {
    signatureCache: faulty(forgetful, ['has', 'add'], injector),
  });
  const surroundings = prepareSurroundings(source, verifier);
  const overlay = new CoinsOverlay(surroundings.coins, TEST_RNG);
  const run = (): string => judge(source, overlay, surroundings);
  const { callCount, verdict } = injectEverywhere(injector, run, () => overlay.reset());
  assert.match(verdict, /^valid /);
  assert.ok(callCount >= 200, `${callCount} calls`);
});

test('J01: a fault of the coins while a block connects is no verdict, and the overlay is as new once reset', {
  skip,
}, () => {
  const source = readBlock();
  const injector = new Injector(new Error('disk gone'));
  const verifier = new InputVerifier(assumeGoodSignatures(nobleSecp256k1));
  const surroundings = prepareSurroundings(source, verifier);
  const coins: CoinsView = faulty(surroundings.coins, ['readCoin', 'hasCoin'], injector);
  const overlay = new CoinsOverlay(coins, TEST_RNG);
  const run = (): string => judge(source, overlay, surroundings);
  const { callCount, verdict } = injectEverywhere(injector, run, () => overlay.reset());
  assert.match(verdict, /^valid /);
  assert.ok(callCount >= 80, `${callCount} calls`);
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { hash160 } from '../kernel/crypto/hash160.ts';
import type { Secp256k1 } from '../kernel/crypto/secp256k1.ts';
import { nobleSecp256k1 as noble } from '../kernel/crypto/secp256k1-noble.ts';
import { sha256 } from '../kernel/crypto/sha256.ts';
import { asTxid } from '../kernel/primitives/hashes.ts';
import { buildTransaction } from '../kernel/primitives/transaction.ts';
import { createWitnessProgram } from '../kernel/script/script-builder.ts';
import { SIGHASH } from '../kernel/script/sighash-type.ts';
import { TAPROOT_LEAF_TAPSCRIPT } from '../kernel/script/taproot.ts';
import { createTaprootOutput } from '../kernel/script/taproot-builder.ts';
import { EMPTY_BYTES, equalBytes, toHex } from '../kernel/util/bytes.ts';
import { runAllSteps } from '../kernel/util/steps.ts';
import { KeyRing } from './descriptor/key-ring.ts';
import { createNode } from './descriptor/miniscript/create-node.ts';
import { formatMiniscript } from './descriptor/miniscript/format-miniscript.ts';
import { type Fragment, foldNodes, type MiniscriptContext, type MiniscriptNode } from './descriptor/miniscript/node.ts';
import { parseMiniscript } from './descriptor/miniscript/parse-miniscript.ts';
import { readMiniscript } from './descriptor/miniscript/read-script.ts';
import { judgeMiniscript, type SatisfactionLimits } from './descriptor/miniscript/sanity.ts';
import { createMiniscriptScript } from './descriptor/miniscript/write-script.ts';
import { TransactionSigner } from './signature-creator.ts';
import { nameOfPreimage, SignatureData } from './signature-data.ts';
import { produceScripts } from './signer.ts';
import { Spending } from './spending.ts';

/** Verdicts on signatures are remembered: thousands of witnesses have the same ones. */
function rememberVerdicts(inner: Secp256k1): Secp256k1 {
  const verdicts: Map<string, boolean> = new Map();
  const remember = (verify: typeof inner.verifyEcdsa): typeof inner.verifyEcdsa => {
    return (signature, digest, key) => {
      const name = [signature, digest, key].map(toHex).join(' ');
      const verdict = verdicts.get(name) ?? verify(signature, digest, key);
      verdicts.set(name, verdict);
      return verdict;
    };
  };
  return {
    ...inner,
    verifyEcdsa: remember((...args) => inner.verifyEcdsa(...args)),
    verifySchnorr: remember((...args) => inner.verifySchnorr(...args)),
  };
}

const secp = rememberVerdicts(noble);

/** The secrets 1 to 6; those at even places are known to the signer. */
const SECRETS = Array.from({ length: 6 }, (_, i) => new Uint8Array(32).fill(0).fill(i + 1, 31));
const PUBLIC_KEYS = SECRETS.map((secret) => secp.createPublicKey(secret, true)!);
const isKeyKnown = (key: number): boolean => key % 2 === 0;

/** A preimage that the signer has, and a hash of nothing that anybody knows. */
const PREIMAGE = new Uint8Array(32).fill(7);
const KNOWN_HASH = sha256(PREIMAGE);
const UNKNOWN_HASH = new Uint8Array(32).fill(8);

/** Locks of the transaction; others in the scripts are a little below or above. */
const LOCKTIME = 150;
const SEQUENCE = 7;

const SPENT_SAT = 100_000;

/** Draws decisions from a list until it is used up. */
class Choices {
  #at = 0;
  #nextKey = 0;
  readonly #list: readonly number[];

  constructor(list: readonly number[]) {
    this.#list = list;
  }

  take(count: number): number {
    return (this.#list[this.#at++] ?? 0) % count;
  }

  /** Every key once, then the first again. */
  key(): number {
    return this.#nextKey++ % PUBLIC_KEYS.length;
  }
}

type BasicType = 'B' | 'V' | 'W';

/** An expression that is of the type if its parts go together. */
function draw(choices: Choices, type: BasicType, depth: number, context: MiniscriptContext): MiniscriptNode {
  const make = (fragment: Fragment, subs: readonly MiniscriptNode[], number = 0) =>
    createNode(fragment, { subs, number }, context);
  const part = (of: BasicType): MiniscriptNode => draw(choices, of, depth - 1, context);
  if (type === 'W') return make(choices.take(2) === 0 ? 's' : 'a', [part('B')]);
  if (type === 'V') {
    switch (depth <= 0 ? 0 : choices.take(6)) {
      case 1:
        return make('and_v', [part('V'), part('V')]);
      case 2:
        return make('or_c', [part('B'), part('V')]);
      case 3:
        return make('or_i', [part('V'), part('V')]);
      case 4:
        return make('andor', [part('B'), part('V'), part('V')]);
      default:
        return make('v', [part('B')]);
    }
  }
  if (depth <= 0) return drawLeaf(choices, context);
  switch (choices.take(14)) {
    case 0:
    case 1:
      return make('and_v', [part('V'), part('B')]);
    case 2:
      return make('and_b', [part('B'), part('W')]);
    case 3:
      return make('or_b', [part('B'), part('W')]);
    case 4:
    case 5:
      return make('or_d', [part('B'), part('B')]);
    case 6:
    case 7:
      return make('or_i', [part('B'), part('B')]);
    case 8:
    case 9:
      return make('andor', [part('B'), part('B'), part('B')]);
    case 10: {
      const subs = [part('B'), part('W'), ...(choices.take(2) === 0 ? [part('W')] : [])];
      return make('thresh', subs, 1 + choices.take(subs.length));
    }
    case 11:
      return make('d', [part('V')]);
    case 12:
      return make(choices.take(2) === 0 ? 'j' : 'n', [part('B')]);
    default:
      return drawLeaf(choices, context);
  }
}

function drawLeaf(choices: Choices, context: MiniscriptContext): MiniscriptNode {
  switch (choices.take(9)) {
    case 0:
      return createNode('older', { number: choices.take(2) === 0 ? SEQUENCE - 1 : SEQUENCE + 1 }, context);
    case 1:
      return createNode('after', { number: choices.take(2) === 0 ? LOCKTIME : LOCKTIME + 1 }, context);
    case 2:
      return createNode('sha256', { hash: choices.take(2) === 0 ? KNOWN_HASH : UNKNOWN_HASH }, context);
    case 3: {
      const fragment = context === 'wsh' ? 'multi' : 'multi_a';
      return createNode(fragment, { number: 1 + choices.take(2), keys: [choices.key(), choices.key()] }, context);
    }
    case 4:
      return createNode(choices.take(2) === 0 ? '0' : '1', {}, context);
    case 5:
      return createNode('c', { subs: [createNode('pk_h', { keys: [choices.key()] }, context)] }, context);
    default:
      return createNode('c', { subs: [createNode('pk_k', { keys: [choices.key()] }, context)] }, context);
  }
}

/** Whether what the signer has satisfies the meaning of a miniscript, whatever its script is. */
function isMeaningSatisfied(root: MiniscriptNode): boolean {
  return foldNodes<boolean>(root, ({ fragment, number, keys, hash }, [a = false, b = false, c = false, ...rest]) => {
    switch (fragment) {
      case '0':
        return false;
      case '1':
        return true;
      case 'older':
        return number <= SEQUENCE;
      case 'after':
        return number <= LOCKTIME;
      case 'sha256':
        return equalBytes(hash!, KNOWN_HASH);
      case 'pk_k':
      case 'pk_h':
      case 'multi':
      case 'multi_a':
        return keys.filter(isKeyKnown).length >= Math.max(number, 1);
      case 'and_v':
      case 'and_b':
        return a && b;
      case 'or_b':
      case 'or_c':
      case 'or_d':
      case 'or_i':
        return a || b;
      case 'andor':
        return (a && b) || c;
      case 'thresh':
        return [a, b, c, ...rest].filter(Boolean).length >= number;
      default:
        return a;
    }
  });
}

/** An output with the script, and a transaction that spends it. */
class Spender {
  readonly spending: Spending;
  readonly data: SignatureData = new SignatureData();
  /** What comes after the items of the script. */
  readonly tail: readonly Uint8Array[];
  readonly #scriptPubKey: Uint8Array;
  readonly #ring = new KeyRing();

  constructor(script: Uint8Array, context: MiniscriptContext) {
    for (const [key, secret] of SECRETS.entries()) {
      if (isKeyKnown(key)) this.#ring.addSecret({ secret, isCompressed: true }, secp);
      this.#ring.addPublicKey(PUBLIC_KEYS[key]!, { fingerprint: new Uint8Array(4), path: [] });
      this.#ring.addLeafKey(PUBLIC_KEYS[key]!);
    }
    if (context === 'wsh') {
      this.#ring.addScript(script);
      this.#scriptPubKey = createWitnessProgram(0, sha256(script));
      this.tail = [script];
    } else {
      // Nobody knows the secret of this internal key.
      const leaf = { depth: 0, script, leafVersion: TAPROOT_LEAF_TAPSCRIPT };
      const output = createTaprootOutput(secp, secp.createPublicKey(new Uint8Array(32).fill(9), true)!.slice(1), [
        leaf,
      ])!;
      this.#ring.addTree({ output, depths: [0] });
      this.#scriptPubKey = output.scriptPubKey;
      this.tail = [script, output.leaves[0]!.controlBlock];
    }
    const transaction = buildTransaction({
      version: 2,
      inputs: [
        { prevout: { txid: asTxid(new Uint8Array(32).fill(3)), index: 0 }, scriptSig: EMPTY_BYTES, sequence: SEQUENCE },
      ],
      outputs: [{ valueSat: 90_000, scriptPubKey: Uint8Array.of(0x51) }],
      locktime: LOCKTIME,
    });
    this.spending = new Spending(transaction, [{ valueSat: SPENT_SAT, scriptPubKey: this.#scriptPubKey }], secp);
  }

  /** Signs; the items of the script, or null. */
  sign(): readonly Uint8Array[] | null {
    this.data.preimages.set(nameOfPreimage('sha256', KNOWN_HASH), PREIMAGE);
    const creator = new TransactionSigner(this.spending, 0, SIGHASH.DEFAULT, secp);
    produceScripts(this.#scriptPubKey, this.#ring, creator, this.data);
    return this.data.isComplete ? this.data.witness.slice(0, -this.tail.length) : null;
  }

  /** Everything that could be of use as an item. */
  materials(): readonly Uint8Array[] {
    const signatures = [...this.data.signatures.values(), ...this.data.tapScriptSignatures.values()];
    return [
      EMPTY_BYTES,
      Uint8Array.of(1),
      PREIMAGE,
      new Uint8Array(32),
      ...signatures.map(({ signature }) => signature),
    ];
  }

  accepts(items: readonly Uint8Array[]): boolean {
    return this.spending.verify(0, { scriptSig: EMPTY_BYTES, witness: [...items, ...this.tail] }) === null;
  }
}

/** Tries all lists of at most so many materials. */
function findByForce(spender: Spender, materials: readonly Uint8Array[], itemCountMax: number): boolean {
  const lists: Uint8Array[][] = [[]];
  for (let list = lists.pop(); list !== undefined; list = lists.pop()) {
    if (spender.accepts(list)) return true;
    if (list.length < itemCountMax) for (const item of materials) lists.push([...list, item]);
  }
  return false;
}

/** Most witnesses that one script is tried with. */
const TRIES_MAX = 400;

function sizeOf(items: readonly Uint8Array[]): number {
  return items.reduce((bytes, item) => bytes + 1 + item.length, 0);
}

interface Tally {
  sane: number;
  satisfied: number;
  forced: number;
}

/** Holds one sane miniscript against its meaning and the interpreter. */
function examine(root: MiniscriptNode, context: MiniscriptContext, limits: SatisfactionLimits, tally: Tally): void {
  const publicKeys = PUBLIC_KEYS.map((key) => (context === 'wsh' ? key : key.slice(1)));
  const text = formatMiniscript(root, String);
  const script = createMiniscriptScript(root, publicKeys);
  const reparsed = runAllSteps(parseMiniscript(text, context, Number));
  assert.deepEqual(reparsed, root, text);
  const recognised = readMiniscript(script, context, (keyHash) => findByHash(keyHash, publicKeys));
  assert.ok(recognised, text);
  assert.deepEqual(createMiniscriptScript(recognised.root, recognised.publicKeys), script, text);

  const spender = new Spender(script, context);
  const items = spender.sign();
  tally.sane++;
  assert.equal(items !== null, isMeaningSatisfied(root), text);
  if (items !== null) {
    tally.satisfied++;
    assert.ok(spender.accepts(items), text);
    assert.ok(items.length <= limits.itemCount && sizeOf(items) <= limits.witnessBytes, text);
    return;
  }
  const keys = [...new Set(foldNodes<number[]>(root, (node, parts) => [...parts.flat(), ...node.keys]))];
  const materials = [...spender.materials(), ...keys.map((key) => publicKeys[key]!)];
  if (materials.length ** limits.itemCount > TRIES_MAX) return;
  tally.forced++;
  assert.ok(!findByForce(spender, materials, limits.itemCount), `the interpreter accepts what was not found: ${text}`);
}

function findByHash(keyHash: Uint8Array, publicKeys: readonly Uint8Array[]): Uint8Array | null {
  return publicKeys.find((key) => equalBytes(hash160(key), keyHash)) ?? null;
}

for (const context of ['wsh', 'tapscript'] as const) {
  test(`what is signed of a sane miniscript in ${context} is what its meaning allows, and what the interpreter accepts`, () => {
    const tally: Tally = { sane: 0, satisfied: 0, forced: 0 };
    fc.assert(
      fc.property(
        fc.array(fc.nat({ max: 10_000 }), { minLength: 8, maxLength: 40 }),
        fc.nat({ max: 3 }),
        (list, depth) => {
          const root = draw(new Choices(list), 'B', depth, context);
          const names = foldNodes<number[]>(root, (node, parts) => [...parts.flat(), ...node.keys]);
          // A key that was drawn twice is a key that stands there twice.
          if (new Set(names).size < names.length) return;
          const { insanity, limits } = judgeMiniscript(root, context, PUBLIC_KEYS.map(toHex));
          if (insanity === null) examine(root, context, limits!, tally);
        },
      ),
      { numRuns: 600, seed: 379 },
    );
    assert.ok(tally.sane >= 150 && tally.satisfied >= 100 && tally.forced >= 20, JSON.stringify(tally));
  });
}

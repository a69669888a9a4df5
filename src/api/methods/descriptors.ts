// Methods about output descriptors (Core rpc/output_script.cpp).

import { hash160 } from '../../kernel/crypto/hash160.ts';
import type { Secp256k1 } from '../../kernel/crypto/secp256k1.ts';
import { sha256 } from '../../kernel/crypto/sha256.ts';
import { MAX_PUBKEYS_PER_MULTISIG, MAX_SCRIPT_ELEMENT_SIZE } from '../../kernel/script/script.ts';
import { createMultisig, createP2sh, createWitnessProgram } from '../../kernel/script/script-builder.ts';
import { fromHex, toHex } from '../../kernel/util/bytes.ts';
import { formatAddress } from '../../wallet/address.ts';
import {
  addDescriptorChecksum,
  computeDescriptorChecksum,
  stripDescriptorChecksum,
} from '../../wallet/descriptor/checksum.ts';
import { isRanged, isSolvable } from '../../wallet/descriptor/descriptor.ts';
import { isHexText } from '../../wallet/descriptor/descriptor-text.ts';
import { formatDescriptor } from '../../wallet/descriptor/format.ts';
import { inferDescriptor } from '../../wallet/descriptor/infer.ts';
import { KeyRing } from '../../wallet/descriptor/key-ring.ts';
import { type Arguments, asText } from '../arguments.ts';
import type { RpcContext } from '../context.ts';
import { RPC_CODE, RpcError } from '../errors.ts';
import { addressOf, type ScriptContext } from '../format/script.ts';
import type { JsonOutput } from '../json/json-value.ts';
import type { MethodSpec } from '../schema.ts';
import { field, maybe, object, optional, param, result } from '../schema-words.ts';
import { mapInTurns } from '../turns.ts';
import { expandDescriptor, readRange, requireLongDescriptor } from './script-parameter.ts';

async function getDescriptorInfo(context: RpcContext, args: Arguments): Promise<JsonOutput> {
  const text = args.text('descriptor');
  const { descriptors, ring } = await requireLongDescriptor(text, context);
  const texts = await mapInTurns(context, descriptors, (one) =>
    addDescriptorChecksum(formatDescriptor(one, context.params.prefixes)),
  );
  const body = stripDescriptorChecksum(text, false);
  return {
    descriptor: texts[0]!,
    multipath_expansion: texts.length > 1 ? texts : undefined,
    checksum: body.ok ? (computeDescriptorChecksum(body.value) ?? '') : '',
    isrange: isRanged(descriptors[0]!),
    issolvable: isSolvable(descriptors[0]!),
    hasprivatekeys: ring.secretCount > 0,
  };
}

/** The addresses of the scripts of one position. combo() also gives the key itself, which has none. */
function addressesOf(scripts: readonly Uint8Array[], context: ScriptContext): readonly string[] {
  const addresses: string[] = [];
  for (const script of scripts) {
    const address = addressOf(script, context);
    if (address !== null) addresses.push(address);
    else if (scripts.length === 1) {
      throw new RpcError(RPC_CODE.INVALID_ADDRESS_OR_KEY, 'Descriptor does not have a corresponding address');
    }
  }
  return addresses;
}

async function deriveAddresses(context: RpcContext, args: Arguments): Promise<JsonOutput> {
  const range = args.has('range') ? readRange(args.value('range')) : { first: 0, last: 0 };
  const read = await requireLongDescriptor(args.text('descriptor'), context, true);
  const needsRange = isRanged(read.descriptors[0]!);
  if (!needsRange && args.count > 1) {
    throw new RpcError(RPC_CODE.INVALID_PARAMETER, 'Range should not be specified for an un-ranged descriptor');
  }
  if (needsRange && args.count === 1) {
    throw new RpcError(RPC_CODE.INVALID_PARAMETER, 'Range must be specified for a ranged descriptor');
  }
  const lists: string[][] = read.descriptors.map(() => []);
  await expandDescriptor(context, read, range, (scripts, variant) => {
    for (const address of addressesOf(scripts, context)) lists[variant]!.push(address);
  });
  if (lists.some((list) => list.length === 0)) throw new RpcError(RPC_CODE.MISC_ERROR, 'Unexpected empty result');
  return lists.length === 1 ? lists[0]! : lists;
}

/** A public key from its text (Core HexToPubKey). */
function readPublicKey(text: string, secp: Secp256k1): Uint8Array {
  const refuse = (problem: string): never => {
    throw new RpcError(RPC_CODE.INVALID_ADDRESS_OR_KEY, `Pubkey "${text}" ${problem}`);
  };
  if (!isHexText(text)) return refuse('must be a hex string');
  if (text.length !== 66 && text.length !== 130) return refuse('must have a length of either 33 or 65 bytes');
  const key = fromHex(text);
  return secp.isValidPublicKey(key) ? key : refuse('must be cryptographically valid.');
}

const ADDRESS_TYPES = ['legacy', 'p2sh-segwit', 'bech32'] as const;
type AddressType = (typeof ADDRESS_TYPES)[number];

function readAddressType(text: string): AddressType {
  if (text === 'bech32m') {
    throw new RpcError(RPC_CODE.INVALID_ADDRESS_OR_KEY, 'createmultisig cannot create bech32m multisig addresses');
  }
  const type = ADDRESS_TYPES.find((one) => one === text);
  if (type === undefined) throw new RpcError(RPC_CODE.INVALID_ADDRESS_OR_KEY, `Unknown address type '${text}'`);
  return type;
}

function checkMultisig(required: number, keyCount: number): void {
  if (required < 1) {
    throw new RpcError(RPC_CODE.INVALID_PARAMETER, 'a multisignature address must require at least one key to redeem');
  }
  if (keyCount < required) {
    throw new RpcError(
      RPC_CODE.INVALID_PARAMETER,
      `not enough keys supplied (got ${keyCount} keys, but need at least ${required} to redeem)`,
    );
  }
  if (keyCount > MAX_PUBKEYS_PER_MULTISIG) {
    throw new RpcError(
      RPC_CODE.INVALID_PARAMETER,
      `Number of keys involved in the multisignature address creation > ${MAX_PUBKEYS_PER_MULTISIG}\nReduce the number`,
    );
  }
}

/** The output script that pays to a script in one of the ways; the ring is told what is behind it. */
function wrapScript(script: Uint8Array, type: AddressType, ring: KeyRing): Uint8Array {
  ring.addScript(script);
  if (type === 'legacy') return createP2sh(hash160(script));
  const program = createWitnessProgram(0, sha256(script));
  if (type === 'bech32') return program;
  ring.addScript(program);
  return createP2sh(hash160(program));
}

function createMultisigAddress(context: RpcContext, args: Arguments): JsonOutput {
  const { params, secp } = context;
  const required = args.integer('nrequired');
  const keys = args.list('keys').map((key) => readPublicKey(asText(key), secp));
  const wanted = readAddressType(args.text('address_type', 'legacy'));
  checkMultisig(required, keys.length);
  const script = createMultisig(required, keys);
  // Witness scripts cannot hold uncompressed keys.
  const type = keys.every((key) => key.length === 33) ? wanted : 'legacy';
  if (type === 'legacy' && script.length > MAX_SCRIPT_ELEMENT_SIZE) {
    throw new RpcError(
      RPC_CODE.INVALID_PARAMETER,
      `redeemScript exceeds size limit: ${script.length} > ${MAX_SCRIPT_ELEMENT_SIZE}`,
    );
  }
  const ring = new KeyRing();
  const output = wrapScript(script, type, ring);
  return {
    address: formatAddress(output, params.prefixes)!,
    redeemScript: toHex(script),
    descriptor: inferDescriptor(output, params.prefixes, secp, ring),
    warnings:
      type === wanted
        ? undefined
        : ['Unable to make chosen address type, please ensure no uncompressed public keys are present.'],
  };
}

/** The methods of this file. */
export const DESCRIPTOR_METHODS: readonly MethodSpec[] = Object.freeze([
  {
    name: 'getdescriptorinfo',
    category: 'util',
    description: 'Analyses a descriptor.',
    parameters: [param('descriptor', 'string', 'The descriptor')],
    results: [
      object([
        field(
          'descriptor',
          'string',
          'The descriptor as it is usually written, without private keys; the first, where it gives alternatives',
        ),
        maybe('multipath_expansion', 'array', 'All alternatives, where there are several', {
          inner: [result('string', '')],
        }),
        field('checksum', 'string', 'The checksum of the descriptor as it was given'),
        field('isrange', 'boolean', 'Whether it stands for a row of scripts'),
        field('issolvable', 'boolean', 'Whether it says how to spend'),
        field('hasprivatekeys', 'boolean', 'Whether it holds a private key'),
      ]),
    ],
    examples: ['"wpkh([d34db33f/84h/0h/0h]0279be667ef9dcbbac55a06295Ce870b07029Bfcdb2dce28d959f2815b16f81798)"'],
    run: getDescriptorInfo,
  },
  {
    name: 'deriveaddresses',
    category: 'util',
    description: 'Tells the addresses that a descriptor stands for. It must have its checksum.',
    parameters: [
      param('descriptor', 'string', 'The descriptor'),
      optional('range', 'range', 'The end, or the begin and the end, of the positions of a ranged descriptor'),
    ],
    results: [
      result('array', '', {
        condition: 'for single derivation descriptors',
        inner: [result('string', 'An address')],
      }),
      result('array', 'The addresses of every alternative, in their order', {
        condition: 'for multipath descriptors',
        inner: [result('array', 'Addresses of one alternative', { inner: [result('string', 'An address')] })],
      }),
    ],
    examples: [
      '"wpkh([d34db33f/84h/0h/0h]xpub6DJ2dNUysrn5Vt36jH2KLBT2i1auw1tTSSomg8PhqNiUtx8QX2SvC9nrHu81fT41fvDUnhMjEzQgXnQjKEu3oaqMSzhSrHMxyyoEAmUHQbY/0/*)#cjjspncu" "[0,2]"',
    ],
    run: deriveAddresses,
  },
  {
    name: 'createmultisig',
    category: 'util',
    description: 'Makes an address of which n of m keys are needed to spend.',
    parameters: [
      param('nrequired', 'number', 'How many of the keys have to sign'),
      param('keys', 'array', 'The public keys in hexadecimal', {
        inner: [optional('key', 'hex', 'A public key')],
      }),
      param('address_type', 'string', 'legacy, p2sh-segwit or bech32', { default: 'legacy' }),
    ],
    results: [
      object([
        field('address', 'string', 'The address'),
        field('redeemScript', 'hex', 'The script behind it'),
        field('descriptor', 'string', 'Its descriptor'),
        maybe('warnings', 'array', 'What did not go as asked', { inner: [result('string', '')] }),
      ]),
    ],
    examples: [
      '2 "[\\"03789ed0bb717d88f7d321a368d905e7430207ebbd82bd342cf11ae157a7ace5fd\\",\\"03dbc6764b8884a92e871274b87583e6d5c2a58819473e17e107ef3f6aa5a61626\\"]"',
    ],
    run: createMultisigAddress,
  },
]);

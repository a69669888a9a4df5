// The method that describes an address as a wallet sees it (Core wallet/rpc/addresses.cpp getaddressinfo).

import { solveOutput } from '../../kernel/script/solver.ts';
import { toHex } from '../../kernel/util/bytes.ts';
import { formatAddress } from '../../wallet/address.ts';
import { finishSteps } from '../../wallet/books/change-list.ts';
import { formatPath } from '../../wallet/descriptor/format.ts';
import { inferDescriptor } from '../../wallet/descriptor/infer.ts';
import { type KeyOrigin, KeyRing } from '../../wallet/descriptor/key-ring.ts';
import type { Wallet } from '../../wallet/wallet/wallet.ts';
import type { Arguments } from '../arguments.ts';
import type { RpcContext } from '../context.ts';
import { RPC_CODE, RpcError } from '../errors.ts';
import { describeDestination, readAddress } from '../format/address.ts';
import type { JsonOutput, JsonRecord } from '../json/json-value.ts';
import type { MethodSpec } from '../schema.ts';
import { field, maybe, object, param, result } from '../schema-words.ts';
import { requireWallet } from './wallet-lookup.ts';

/** Compressed public keys have so many bytes. */
const COMPRESSED_BYTES = 33;

/** Core's seeds had names; descriptors have none. */
const NO_SEED = '00'.repeat(20);

/** Describes outputs with what the wallet knows about them. */
class AddressDescription {
  readonly #wallet: Wallet;
  readonly #ring: KeyRing;

  constructor(wallet: Wallet, ring: KeyRing) {
    this.#wallet = wallet;
    this.#ring = ring;
  }

  /** What stands behind a script. Calls itself through {@link #behind} for scripts in scripts: three levels at most. */
  describe(script: Uint8Array): JsonRecord {
    const template = solveOutput(script, 0, script.length);
    const ring = this.#ring;
    switch (template.type) {
      case 'pubkeyhash': {
        const publicKey = ring.publicKey(template.keyHash);
        if (publicKey === null) return {};
        return { pubkey: toHex(publicKey), iscompressed: publicKey.length === COMPRESSED_BYTES };
      }
      case 'witness_v0_keyhash': {
        const publicKey = ring.publicKey(template.keyHash);
        return publicKey === null ? {} : { pubkey: toHex(publicKey) };
      }
      case 'scripthash':
        return this.#behind(ring.script(template.scriptHash));
      case 'witness_v0_scripthash':
        return this.#behind(ring.witnessScript(template.scriptHash));
      default:
        return {};
    }
  }

  #behind(script: Uint8Array | null): JsonRecord {
    if (script === null) return {};
    const template = solveOutput(script, 0, script.length);
    const base = { script: template.type, hex: toHex(script) };
    const address = formatAddress(script, this.#wallet.chain.params.prefixes);
    if (address !== null) {
      const inner = this.describe(script);
      const embedded = { ...describeDestination(script), ...inner, address, scriptPubKey: toHex(script) };
      return { ...base, pubkey: inner['pubkey'], embedded };
    }
    if (template.type !== 'multisig') return base;
    return { ...base, sigsrequired: template.required, pubkeys: template.publicKeys.map((key) => toHex(key)) };
  }

  /** Where the one key of a script comes from. */
  findOrigin(script: Uint8Array): KeyOrigin | null {
    const ring = this.#ring;
    const template = solveOutput(script, 0, script.length);
    switch (template.type) {
      case 'pubkeyhash':
      case 'witness_v0_keyhash':
        return ring.origin(template.keyHash);
      case 'scripthash': {
        const inner = ring.script(template.scriptHash);
        const behind = inner === null ? null : solveOutput(inner, 0, inner.length);
        return behind?.type === 'witness_v0_keyhash' ? ring.origin(behind.keyHash) : null;
      }
      case 'witness_v1_taproot': {
        const tree = ring.tree(template.outputKey);
        return ring.originOfXOnly(tree === null ? template.outputKey : tree.output.internalKey);
      }
      default:
        return null;
    }
  }
}

function getAddressInfo(context: RpcContext, args: Arguments): Promise<JsonOutput> {
  const wallet = requireWallet(context);
  const { prefixes } = context.params;
  const { script, fault } = readAddress(args.text('address'), prefixes);
  if (script === null) throw new RpcError(RPC_CODE.INVALID_ADDRESS_OR_KEY, fault.message);
  return wallet.run(() => {
    const { scripts, addresses } = wallet.books;
    const ring = new KeyRing();
    const isMine = finishSteps(scripts.addSolvingData(script, ring));
    const isSolvable = isMine && scripts.descriptorOf(script)?.isSolvable === true;
    const place = scripts.placeOf(script);
    const label = addresses.labelOf(toHex(script));
    const description = new AddressDescription(wallet, ring);
    const origin = place === null ? null : description.findOrigin(script);
    return {
      address: formatAddress(script, prefixes),
      scriptPubKey: toHex(script),
      ismine: isMine,
      solvable: isSolvable,
      desc: isSolvable ? inferDescriptor(script, prefixes, wallet.secp, ring) : undefined,
      parent_desc: place === null ? undefined : place.descriptor.publicText,
      iswatchonly: false,
      ...describeDestination(script),
      ...description.describe(script),
      ischange: isMine && label === null,
      ...(place === null || origin === null ? {} : formatOrigin(place.descriptor.createdSec, origin)),
      labels: label === null ? [] : [label],
    };
  });
}

function formatOrigin(createdSec: number, { path, fingerprint }: KeyOrigin): JsonRecord {
  return {
    timestamp: createdSec,
    hdkeypath: `m${formatPath(path, false)}`,
    hdseedid: NO_SEED,
    hdmasterfingerprint: toHex(fingerprint),
  };
}

const DESTINATION_FIELDS = [
  maybe('isscript', 'boolean', 'Whether it names a script'),
  maybe('iswitness', 'boolean', 'Whether it is a witness address'),
  maybe('witness_version', 'number', 'Version of the witness program'),
  maybe('witness_program', 'hex', 'The witness program'),
  maybe('script', 'string', 'The type of the script that it names, when that is known'),
  maybe('hex', 'hex', 'That script'),
  maybe('pubkeys', 'array', 'Of multisig: the public keys', { inner: [result('string', 'A public key')] }),
  maybe('sigsrequired', 'number', 'Of multisig: how many signatures are needed'),
  maybe('pubkey', 'hex', 'The public key, where there is one'),
  maybe('iscompressed', 'boolean', 'Whether that key is compressed'),
];

/** The methods of this file. */
export const WALLET_ADDRESS_INFO_METHODS: readonly MethodSpec[] = Object.freeze([
  {
    name: 'getaddressinfo',
    category: 'wallet',
    description: 'Describes an address. Some of it is only there when the address is of the wallet.',
    parameters: [param('address', 'string', 'The address')],
    results: [
      object([
        field('address', 'string', 'The address'),
        field('scriptPubKey', 'hex', 'The output script that it stands for'),
        field('ismine', 'boolean', 'Whether it is of the wallet'),
        field('iswatchonly', 'boolean', 'Always false'),
        field('solvable', 'boolean', 'Whether the wallet knows how to spend from it, with or without private keys'),
        maybe('desc', 'string', 'A descriptor of it'),
        maybe('parent_desc', 'string', 'The descriptor of the wallet that it comes from'),
        field('ischange', 'boolean', 'Whether it was used for change'),
        ...DESTINATION_FIELDS,
        maybe('embedded', 'object', 'The address behind the script, where there is one', {
          inner: [
            ...DESTINATION_FIELDS,
            maybe('embedded', 'object', 'And behind that one', {
              inner: [
                ...DESTINATION_FIELDS,
                field('address', 'string', 'The address'),
                field('scriptPubKey', 'hex', 'Its output script'),
              ],
            }),
            field('address', 'string', 'The address'),
            field('scriptPubKey', 'hex', 'Its output script'),
          ],
        }),
        maybe('timestamp', 'time', 'Since when it may have been paid'),
        maybe('hdkeypath', 'string', 'The way from the root to its key'),
        maybe('hdseedid', 'hex', 'Zeros, for programs that expect something'),
        maybe('hdmasterfingerprint', 'hex', 'The fingerprint of the root'),
        field('labels', 'array', 'Its name', { inner: [result('string', 'The name')] }),
      ]),
    ],
    examples: ['"bc1q09vm5lfy0j5reeulh4x5752q25uqqvz34hufdl"'],
    run: getAddressInfo,
  },
]);

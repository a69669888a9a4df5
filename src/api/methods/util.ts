// Methods that need no chain: addresses and signed messages (Core rpc/output_script.cpp, rpc/signmessage.cpp).

import { recoverPublicKey, signCompact } from '../../kernel/crypto/ecdsa-recover.ts';
import { hash160 } from '../../kernel/crypto/hash160.ts';
import { sha256d } from '../../kernel/crypto/sha256.ts';
import { ByteWriter } from '../../kernel/encoding/writer.ts';
import { solveOutput } from '../../kernel/script/solver.ts';
import { equalBytes, toHex } from '../../kernel/util/bytes.ts';
import { encodeUtf8 } from '../../kernel/util/utf8.ts';
import { formatAddress } from '../../wallet/address.ts';
import { parseWif } from '../../wallet/keys/wif.ts';
import type { Arguments } from '../arguments.ts';
import { formatBase64, parseBase64 } from '../base64.ts';
import type { RpcContext } from '../context.ts';
import { RPC_CODE, RpcError } from '../errors.ts';
import { describeDestination, readAddress } from '../format/address.ts';
import type { JsonOutput } from '../json/json-value.ts';
import type { MethodSpec } from '../schema.ts';
import { field, maybe, object, param, result } from '../schema-words.ts';

/** What is signed begins with this, so that no signature of a message is one of a transaction (Core MESSAGE_MAGIC). */
const MESSAGE_MAGIC = 'Bitcoin Signed Message:\n';

/** What is signed of a message. */
export function hashMessage(message: string): Uint8Array {
  const writer = new ByteWriter();
  for (const text of [MESSAGE_MAGIC, message]) {
    writer.varBytes(encodeUtf8(text));
  }
  return sha256d(writer.finish());
}

function validateAddress({ params }: RpcContext, args: Arguments): JsonOutput {
  const { script, fault } = readAddress(args.text('address'), params.prefixes);
  if (script === null) return { isvalid: false, error_locations: fault.positions, error: fault.message };
  return {
    isvalid: true,
    address: formatAddress(script, params.prefixes),
    scriptPubKey: toHex(script),
    ...describeDestination(script),
  };
}

function verifyMessage({ params }: RpcContext, args: Arguments): JsonOutput {
  const { script } = readAddress(args.text('address'), params.prefixes);
  if (script === null) throw new RpcError(RPC_CODE.INVALID_ADDRESS_OR_KEY, 'Invalid address');
  const template = solveOutput(script, 0, script.length);
  if (template.type !== 'pubkeyhash') throw new RpcError(RPC_CODE.TYPE_ERROR, 'Address does not refer to key');
  const signature = parseBase64(args.text('signature'));
  if (signature === null) throw new RpcError(RPC_CODE.TYPE_ERROR, 'Malformed base64 encoding');
  const publicKey = recoverPublicKey(signature, hashMessage(args.text('message')));
  return publicKey !== null && equalBytes(hash160(publicKey), template.keyHash);
}

function signMessage({ params, secp }: RpcContext, args: Arguments): JsonOutput {
  const key = parseWif(args.text('privkey'), params.prefixes.secretKey);
  if (!key.ok) throw new RpcError(RPC_CODE.INVALID_ADDRESS_OR_KEY, 'Invalid private key');
  const { secret, isCompressed } = key.value;
  const signature = signCompact(secp, hashMessage(args.text('message')), secret, isCompressed);
  if (signature === null) throw new RpcError(RPC_CODE.INVALID_ADDRESS_OR_KEY, 'Sign failed');
  return formatBase64(signature);
}

/** The methods of this file. */
export const UTIL_METHODS: readonly MethodSpec[] = Object.freeze([
  {
    name: 'validateaddress',
    category: 'util',
    description: 'Return information about the given bitcoin address.',
    parameters: [param('address', 'string', 'The address')],
    results: [
      object([
        field('isvalid', 'boolean', 'Whether it is one. If not, only error and error_locations follow'),
        maybe('address', 'string', 'The address'),
        maybe('scriptPubKey', 'hex', 'The output script that it stands for'),
        maybe('isscript', 'boolean', 'Whether it names a script'),
        maybe('iswitness', 'boolean', 'Whether it is a witness address'),
        maybe('witness_version', 'number', 'Version of the witness program'),
        maybe('witness_program', 'hex', 'The witness program'),
        maybe('error', 'string', 'What is wrong'),
        maybe('error_locations', 'array', 'Characters that are probably wrong, from 0', {
          inner: [result('number', 'A position')],
        }),
      ]),
    ],
    examples: ['"bc1q09vm5lfy0j5reeulh4x5752q25uqqvz34hufdl"'],
    run: validateAddress,
  },
  {
    name: 'verifymessage',
    category: 'util',
    description: 'Verifies a signed message.',
    parameters: [
      param('address', 'string', 'The address of the signer'),
      param('signature', 'string', 'The signature in base 64'),
      param('message', 'string', 'The message'),
    ],
    results: [result('boolean', 'Whether the signer has signed it')],
    examples: ['"1D1ZrZNe3JUo7ZycKEYQQiQAWd9y54F4XX" "signature" "my message"'],
    run: verifyMessage,
  },
  {
    name: 'signmessagewithprivkey',
    category: 'util',
    description: 'Signs a message with a private key.',
    parameters: [
      param('privkey', 'string', 'The private key, as it is exported'),
      param('message', 'string', 'The message'),
    ],
    results: [result('string', 'The signature in base 64')],
    examples: ['"privkey" "my message"'],
    run: signMessage,
  },
]);

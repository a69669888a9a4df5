// Methods that have one peer do or be sent something (Core getblockfrompeer, sendmsgtopeer).

import { NO_ENTRY } from '../../kernel/chain/block-index.ts';
import { parseHex } from '../../kernel/util/bytes.ts';
import { COMMAND_BYTES } from '../../node/wire/command-field.ts';
import { PAYLOAD_BYTES_MAX } from '../../node/wire/transport.ts';
import type { Arguments } from '../arguments.ts';
import type { RpcContext } from '../context.ts';
import { RPC_CODE, RpcError } from '../errors.ts';
import type { JsonOutput } from '../json/json-value.ts';
import type { MethodSpec } from '../schema.ts';
import { param, result } from '../schema-words.ts';

function getBlockFromPeer({ chain, node, host }: RpcContext, args: Arguments): JsonOutput {
  const entry = chain.index.find(args.hash('blockhash'));
  const id = args.int64('peer_id');
  if (entry === NO_ENTRY) throw new RpcError(RPC_CODE.MISC_ERROR, 'Block header missing');
  // A block far above the others would keep their file from being deleted.
  if (host.isPruned && chain.index.height(entry) > chain.height) {
    throw new RpcError(
      RPC_CODE.MISC_ERROR,
      'In prune mode, only blocks that the node has already synced previously can be fetched from a peer',
    );
  }
  if (chain.index.hasData(entry)) throw new RpcError(RPC_CODE.MISC_ERROR, 'Block already downloaded');
  const refusal = node.control.fetchBlock(id, entry);
  if (refusal !== null) throw new RpcError(RPC_CODE.MISC_ERROR, refusal);
  return {};
}

/** What fits into the header of a message, byte for character. */
const ASCII = /^[ -~]*$/;

function sendMessageToPeer({ node }: RpcContext, args: Arguments): JsonOutput {
  const id = args.int64('peer_id');
  const type = args.text('msg_type');
  if (type.length > COMMAND_BYTES) {
    throw new RpcError(RPC_CODE.INVALID_PARAMETER, `Error: msg_type too long, max length is ${COMMAND_BYTES}`);
  }
  if (!ASCII.test(type)) throw new RpcError(RPC_CODE.INVALID_PARAMETER, 'Error: msg_type is not plain text');
  const payload = parseHex(args.text('msg'));
  if (!payload.ok) throw new RpcError(RPC_CODE.INVALID_PARAMETER, 'Error parsing input for msg');
  if (payload.value.length > PAYLOAD_BYTES_MAX) {
    throw new RpcError(RPC_CODE.INVALID_PARAMETER, `Error: msg too long, max length is ${PAYLOAD_BYTES_MAX}`);
  }
  if (!node.control.sendMessage(id, type, payload.value)) {
    throw new RpcError(RPC_CODE.MISC_ERROR, 'Error: Could not send message to peer');
  }
  return {};
}

/** The methods of this file. */
export const PEER_REQUEST_METHODS: readonly MethodSpec[] = Object.freeze([
  {
    name: 'getblockfrompeer',
    category: 'blockchain',
    description:
      'Asks a peer for a block whose header is known.\nWhat the block spent is not known then. A later call for the same block has the answer to this one ignored. A peer that does not answer is disconnected. With -prune the block may be deleted again at once.',
    parameters: [
      param('blockhash', 'hex', 'The hash of the block'),
      param('peer_id', 'number', 'Number of the peer, see getpeerinfo'),
    ],
    results: [result('object', 'Nothing: the peer was asked', { inner: [] })],
    examples: ['"00000000c937983704a73af28acdec37b049d214adbda81d7e2a3dd146f6ed09" 0'],
    run: getBlockFromPeer,
  },
  {
    name: 'sendmsgtopeer',
    category: 'hidden',
    description: 'Sends a peer a message as it is given, for tests. The header of the message is made for it.',
    parameters: [
      param('peer_id', 'number', 'Number of the peer'),
      param('msg_type', 'string', `The type of the message, at most ${COMMAND_BYTES} characters`),
      param('msg', 'hex', 'What the message holds, in hexadecimal'),
    ],
    results: [result('object', 'Nothing: the message was sent', { inner: [] })],
    examples: ['0 "addr" "ffffff"'],
    run: sendMessageToPeer,
  },
]);

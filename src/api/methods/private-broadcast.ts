// Methods about transactions that are sent so that nobody sees where they come from (Core getprivatebroadcastinfo,
// abortprivatebroadcast; option -privatebroadcast).

import { formatHash } from '../../kernel/primitives/hashes.ts';
import type { Transaction } from '../../kernel/primitives/transaction.ts';
import { toHex } from '../../kernel/util/bytes.ts';
import type { PrivateBroadcaster } from '../../node/app/private-broadcaster.ts';
import type { PrivateTransaction, Sending } from '../../node/p2p/private-broadcast.ts';
import { formatNetAddress } from '../../node/wire/net-address.ts';
import type { Arguments } from '../arguments.ts';
import type { RpcContext } from '../context.ts';
import { RPC_CODE, RpcError } from '../errors.ts';
import type { JsonOutput } from '../json/json-value.ts';
import type { MethodSpec } from '../schema.ts';
import { field, maybe, object, param } from '../schema-words.ts';
import type { ResultSpec } from '../signature.ts';
import { mapInTurns } from '../turns.ts';

/** The first two sentences are Core's, which clients may look for; the last one is true of this program. */
const NOT_ENABLED =
  "Private broadcast is not enabled. Ensure you're running Bitcoin Core with -privatebroadcast=1. " +
  'For this node: start tallyd with -privatebroadcast=1.';

function requireBroadcaster({ node }: RpcContext): PrivateBroadcaster {
  if (node.privateBroadcaster !== null) return node.privateBroadcaster;
  throw new RpcError(RPC_CODE.METHOD_NOT_FOUND, NOT_ENABLED);
}

function formatNames(transaction: Transaction): {
  readonly txid: string;
  readonly wtxid: string;
  readonly hex: string;
} {
  const { txid, wtxid } = transaction;
  return { txid: formatHash(txid), wtxid: formatHash(wtxid), hex: toHex(transaction.serialized()) };
}

function formatSending({ address, sentSec, receivedSec }: Sending): JsonOutput {
  const received = receivedSec === null ? undefined : receivedSec;
  return { address: formatNetAddress(address), sent: sentSec, received };
}

function formatPrivate({ transaction, addedSec, sendings }: PrivateTransaction): JsonOutput {
  return { ...formatNames(transaction), time_added: addedSec, peers: sendings.map(formatSending) };
}

async function getPrivateBroadcastInfo(context: RpcContext): Promise<JsonOutput> {
  const list = requireBroadcaster(context).list();
  return { transactions: await mapInTurns(context, list, formatPrivate) };
}

function abortPrivateBroadcast(context: RpcContext, args: Arguments): JsonOutput {
  const broadcaster = requireBroadcaster(context);
  const removed = broadcaster.abort(args.hash('id'));
  if (removed.length > 0) return { removed_transactions: removed.map(formatNames) };
  throw new RpcError(
    RPC_CODE.INVALID_ADDRESS_OR_KEY,
    'Transaction not in private broadcast queue. Check getprivatebroadcastinfo.',
  );
}

/** What names a transaction. */
const NAME_FIELDS: readonly ResultSpec[] = [
  field('txid', 'hex', 'The transaction id'),
  field('wtxid', 'hex', 'The hash with the witness'),
  field('hex', 'hex', 'The transaction in hexadecimal'),
];

/** The methods of this file. */
export const PRIVATE_BROADCAST_METHODS: readonly MethodSpec[] = Object.freeze([
  {
    name: 'getprivatebroadcastinfo',
    category: 'rawtransactions',
    description:
      'Lists the transactions that are being sent privately, the oldest first. For a node that is started with -privatebroadcast.',
    parameters: [],
    results: [
      object([
        field('transactions', 'array', '', {
          inner: [
            object([
              ...NAME_FIELDS,
              field('time_added', 'time', 'When it was handed in'),
              field('peers', 'array', 'Whom it was meant for, at most the last 100', {
                inner: [
                  object([
                    field('address', 'string', 'Address of the peer'),
                    field('sent', 'time', 'When it was chosen for the peer'),
                    maybe('received', 'time', 'When the peer said that it has it'),
                  ]),
                ],
              }),
            ]),
          ],
        }),
      ]),
    ],
    examples: [''],
    run: getPrivateBroadcastInfo,
  },
  {
    name: 'abortprivatebroadcast',
    category: 'rawtransactions',
    description:
      'Has a transaction sent privately no more. Who has got it already may pass it on. For a node that is started with -privatebroadcast.',
    parameters: [
      param('id', 'hex', 'The transaction id, or the hash with the witness; of the former there may be several'),
    ],
    results: [
      object([field('removed_transactions', 'array', 'Those that are sent no more', { inner: [object(NAME_FIELDS)] })]),
    ],
    examples: ['"id"'],
    run: abortPrivateBroadcast,
  },
]);

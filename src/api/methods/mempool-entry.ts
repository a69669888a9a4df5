// Methods about single transactions of the memory pool, and about those that wait for their parents (Core rpc/mempool.cpp, and
// prioritisation from rpc/mining.cpp).

import { countDustOutputs } from '../../kernel/policy/dust.ts';
import { formatHash } from '../../kernel/primitives/hashes.ts';
import { encodeOutpoint, type Outpoint } from '../../kernel/primitives/outpoint.ts';
import { type Transaction, WITNESS_SCALE_FACTOR } from '../../kernel/primitives/transaction.ts';
import { compareBytes, toHex } from '../../kernel/util/bytes.ts';
import type { MempoolEntry } from '../../node/mempool/entry.ts';
import type { Orphan } from '../../node/mempool/orphanage-peer.ts';
import { type Arguments, asDouble, asHash, asInt64, asInteger, asObject, readVerbosity } from '../arguments.ts';
import type { RpcContext } from '../context.ts';
import { RPC_CODE, RpcError } from '../errors.ts';
import { CLUSTER_FIELDS, ENTRY_FIELDS, formatCluster, formatEntry } from '../format/mempool-entry.ts';
import type { JsonObject, JsonOutput, JsonRecord, JsonValue } from '../json/json-value.ts';
import { checkFields } from '../object-check.ts';
import type { MethodSpec } from '../schema.ts';
import { field, maybe, object, optional, param, result } from '../schema-words.ts';
import type { ResultSpec } from '../signature.ts';
import { requireEntry, requirePool } from './pool-lookup.ts';

function getEntry(context: RpcContext, args: Arguments): JsonOutput {
  return show(context, requireEntry(context, args.value('txid')));
}

function show(context: RpcContext, entry: MempoolEntry): JsonRecord {
  return formatEntry(requirePool(context).mempool, entry, context.host.deprecated.has('bip125'));
}

function getCluster(context: RpcContext, args: Arguments): JsonOutput {
  const entry = requireEntry(context, args.value('txid'));
  return formatCluster(requirePool(context).mempool, entry);
}

/** The relatives of an entry without itself, as ids or with everything, in the order of their txids. */
function listFamily(
  context: RpcContext,
  args: Arguments,
  familyOf: (entry: MempoolEntry) => readonly MempoolEntry[],
): JsonOutput {
  const isVerbose = args.flag('verbose', false);
  const entry = requireEntry(context, args.value('txid'));
  const family = familyOf(entry)
    .filter((one) => one !== entry)
    .sort((a, b) => compareBytes(a.transaction.txid, b.transaction.txid));
  const nameOf = ({ transaction }: MempoolEntry): string => formatHash(transaction.txid);
  if (!isVerbose) return family.map(nameOf);
  return new Map(family.map((one) => [nameOf(one), show(context, one)]));
}

/** An outpoint of a request with the object that it was given as. */
interface AskedOutpoint {
  readonly outpoint: Outpoint;
  readonly given: JsonObject;
}

function readAskedOutpoint(value: JsonValue): AskedOutpoint {
  const given = asObject(value);
  checkFields(given, { txid: 'string', vout: 'number' }, { isStrict: true });
  const txid = asHash(given.get('txid')!, 'txid');
  const index = asInteger(given.get('vout')!);
  if (index < 0) throw new RpcError(RPC_CODE.INVALID_PARAMETER, 'Invalid parameter, vout cannot be negative');
  return { outpoint: { txid, index }, given };
}

async function getSpenders(context: RpcContext, args: Arguments): Promise<JsonOutput> {
  const asked = args.list('outputs');
  if (asked.length === 0) throw new RpcError(RPC_CODE.INVALID_PARAMETER, 'Invalid parameter, outputs are missing');
  const options = args.object('options', null) ?? new Map<string, JsonValue>();
  checkFields(options, { mempool_only: 'bool', return_spending_tx: 'bool' }, { allowsNull: true, isStrict: true });
  const { indexes } = context;
  const isPoolOnly = (options.get('mempool_only') ?? indexes.spenders === null) === true;
  const showsTransaction = options.get('return_spending_tx') === true;
  const { mempool } = requirePool(context);
  const shown: JsonOutput[] = [];
  const left: AskedOutpoint[] = [];
  // What the pool answers comes first.
  for (const one of asked.map(readAskedOutpoint)) {
    const spender = mempool.spender(encodeOutpoint(one.outpoint))?.transaction ?? null;
    if (spender === null && !isPoolOnly) left.push(one);
    else shown.push(formatSpender(one.given, spender, showsTransaction));
  }
  if (left.length === 0) return shown;
  const isSynced = await indexes.catchUp('spenders');
  if (indexes.spenders === null || !isSynced) {
    throw new RpcError(RPC_CODE.MISC_ERROR, 'Mempool lacks a relevant spend, and txospenderindex is unavailable.');
  }
  for (const { outpoint, given } of left) {
    const found = await indexes.spenders.find(outpoint);
    const one = formatSpender(given, found?.transaction ?? null, showsTransaction);
    if (found !== null) one.set('blockhash', formatHash(context.chain.index.blockHash(found.entry)));
    shown.push(one);
  }
  return shown;
}

function formatSpender(
  given: JsonObject,
  spender: Transaction | null,
  showsTransaction: boolean,
): Map<string, JsonOutput> {
  const shown: Map<string, JsonOutput> = new Map(given);
  if (spender === null) return shown;
  shown.set('spendingtxid', formatHash(spender.txid));
  if (showsTransaction) shown.set('spendingtx', toHex(spender.serialized()));
  return shown;
}

async function prioritiseTransaction(context: RpcContext, args: Arguments): Promise<JsonOutput> {
  const txid = args.hash('txid');
  const dummy = args.value('dummy');
  const deltaSat = asInt64(args.value('fee_delta'));
  if (dummy !== null && asDouble(dummy) !== 0) {
    throw new RpcError(
      RPC_CODE.INVALID_PARAMETER,
      'Priority is no longer supported, dummy argument to prioritisetransaction must be 0.',
    );
  }
  const { mempool, intake } = requirePool(context);
  await intake.between(() => {
    const { requiresStandard, dustFeerate } = mempool.options;
    const entry = mempool.get(txid);
    if (requiresStandard && entry !== null && countDustOutputs(entry.transaction, dustFeerate) > 0) {
      throw new RpcError(RPC_CODE.INVALID_PARAMETER, 'Priority is not supported for transactions with dust outputs.');
    }
    mempool.prioritise(txid, deltaSat);
  });
  return true;
}

function getPrioritised(context: RpcContext): JsonOutput {
  const shown: Map<string, JsonOutput> = new Map();
  for (const { txid, deltaSat, entry } of requirePool(context).mempool.prioritised()) {
    shown.set(formatHash(txid), {
      fee_delta: deltaSat,
      in_mempool: entry !== null,
      modified_fee: entry?.modifiedFeeSat,
    });
  }
  return shown;
}

function getOrphans({ node }: RpcContext, args: Arguments): JsonOutput {
  const verbosity = readVerbosity(args.value('verbosity'), 0, false);
  if (verbosity < 0 || verbosity > 2) {
    throw new RpcError(RPC_CODE.INVALID_PARAMETER, `Invalid verbosity value ${verbosity}`);
  }
  const orphans = [...node.control.orphans()];
  if (verbosity === 0) return orphans.map(({ transaction }) => formatHash(transaction.txid));
  return orphans.map((orphan) => formatOrphan(orphan, verbosity === 2));
}

function formatOrphan({ transaction, announcements }: Orphan, showsHex: boolean): JsonRecord {
  return {
    txid: formatHash(transaction.txid),
    wtxid: formatHash(transaction.wtxid),
    bytes: transaction.totalSize,
    vsize: Math.ceil(transaction.weightWu / WITNESS_SCALE_FACTOR),
    weight: transaction.weightWu,
    from: announcements.map(({ peer }) => peer.id).sort((a, b) => a - b),
    hex: showsHex ? toHex(transaction.serialized()) : undefined,
  };
}

const TXID = param('txid', 'hex', 'The transaction id; it must be in the memory pool');
const VERBOSE = param('verbose', 'boolean', 'true for objects, false for ids', { default: false });
const FAMILY_RESULTS: readonly ResultSpec[] = [
  result('array', '', { condition: 'for verbose = false', inner: [result('hex', 'A transaction id')] }),
  result('object-dynamic', '', {
    condition: 'for verbose = true',
    inner: [field('transactionid', 'object', '', { inner: ENTRY_FIELDS })],
  }),
];
const ORPHAN_FIELDS: readonly ResultSpec[] = [
  field('txid', 'hex', 'The transaction id'),
  field('wtxid', 'hex', 'The id with the witness'),
  field('bytes', 'number', 'Bytes'),
  field('vsize', 'number', 'Virtual size (BIP141)'),
  field('weight', 'number', 'Weight (BIP141)'),
  field('from', 'array', '', { inner: [result('number', 'Number of a peer that has it')] }),
];

/** The methods of this file. */
export const MEMPOOL_ENTRY_METHODS: readonly MethodSpec[] = Object.freeze([
  {
    name: 'getmempoolentry',
    category: 'blockchain',
    description: 'Shows a transaction of the memory pool.',
    parameters: [TXID],
    results: [object(ENTRY_FIELDS)],
    examples: ['"mytxid"'],
    run: getEntry,
  },
  {
    name: 'getmempoolancestors',
    category: 'blockchain',
    description: 'Lists the transactions of the memory pool that one descends from.',
    parameters: [TXID, VERBOSE],
    results: FAMILY_RESULTS,
    examples: ['"mytxid"'],
    run: (context, args) => listFamily(context, args, (entry) => requirePool(context).mempool.ancestors(entry)),
  },
  {
    name: 'getmempooldescendants',
    category: 'blockchain',
    description: 'Lists the transactions of the memory pool that descend from one.',
    parameters: [TXID, VERBOSE],
    results: FAMILY_RESULTS,
    examples: ['"mytxid"'],
    run: (context, args) => listFamily(context, args, (entry) => requirePool(context).mempool.descendants(entry)),
  },
  {
    name: 'getmempoolcluster',
    category: 'blockchain',
    description: 'Shows the transactions of the memory pool that are connected with one, in the order of mining.',
    parameters: [param('txid', 'hex', 'The id of one of them')],
    results: [object(CLUSTER_FIELDS)],
    examples: ['txid'],
    run: getCluster,
  },
  {
    name: 'gettxspendingprevout',
    category: 'blockchain',
    description:
      'Finds the transactions that spend outputs: those of the memory pool and, with -txospenderindex, of the chain.',
    parameters: [
      param('outputs', 'array', 'The outputs', {
        inner: [
          optional('', 'object', '', {
            inner: [param('txid', 'hex', 'The transaction id'), param('vout', 'number', 'Number of the output')],
          }),
        ],
      }),
      optional('options', 'named-options', '', {
        inner: [
          param('mempool_only', 'boolean', 'Whether only the memory pool is looked at', {
            defaultHint: 'true if txospenderindex unavailable, otherwise false',
          }),
          param('return_spending_tx', 'boolean', 'Whether the spending transactions are shown', {
            defaultHint: 'false',
          }),
        ],
      }),
    ],
    results: [
      result('array', '', {
        inner: [
          object([
            field('txid', 'hex', 'The transaction id of the output'),
            field('vout', 'number', 'Number of the output'),
            maybe('spendingtxid', 'hex', 'The transaction that spends it, if there is one'),
            maybe('spendingtx', 'hex', 'The same in hexadecimal, if that was asked for'),
            maybe('blockhash', 'hex', 'The block that it is in, if it is in one'),
          ]),
        ],
      }),
    ],
    examples: ['"[{\\"txid\\":\\"a08e6907dbbd3d809776dbfc5d82e371b764ed838b5655e72f463568df1aadf0\\",\\"vout\\":3}]"'],
    run: getSpenders,
  },
  {
    name: 'prioritisetransaction',
    category: 'mining',
    description: 'Has a transaction mined earlier, or later, as if it paid another fee.',
    parameters: [
      param('txid', 'hex', 'The transaction id'),
      optional('dummy', 'number', 'Of an older form of this method: 0 or null'),
      param('fee_delta', 'number', 'What is added to the fee, in satoshis; negative: taken off. Nobody is paid by it'),
    ],
    results: [result('boolean', 'true')],
    examples: ['"txid" 0.0 10000'],
    run: prioritiseTransaction,
  },
  {
    name: 'getprioritisedtransactions',
    category: 'mining',
    description: 'Lists what prioritisetransaction has added to fees.',
    parameters: [],
    results: [
      result('object-dynamic', 'By transaction id', {
        inner: [
          field('<transactionid>', 'object', '', {
            inner: [
              field('fee_delta', 'number', 'What is added, in satoshis'),
              field('in_mempool', 'boolean', 'Whether the transaction is in the memory pool'),
              maybe('modified_fee', 'number', 'Then, its fee with that, in satoshis'),
            ],
          }),
        ],
      }),
    ],
    examples: [''],
    run: getPrioritised,
  },
  {
    name: 'getorphantxs',
    category: 'hidden',
    description: 'Lists the transactions that wait for their parents.',
    parameters: [
      param('verbosity', 'number', '0 for ids, 1 for objects, 2 for objects with the bytes', {
        default: 0,
        skipsTypeCheck: true,
      }),
    ],
    results: [
      result('array', '', { condition: 'for verbose = 0', inner: [result('hex', 'A transaction id')] }),
      result('array', '', { condition: 'for verbose = 1', inner: [object(ORPHAN_FIELDS)] }),
      result('array', '', {
        condition: 'for verbose = 2',
        inner: [object([...ORPHAN_FIELDS, field('hex', 'hex', 'The bytes in hexadecimal')])],
      }),
    ],
    examples: ['2'],
    run: getOrphans,
  },
]);

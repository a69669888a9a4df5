// Methods about the program itself: stop, help, uptime, the log, memory (Core rpc/server.cpp, rpc/node.cpp).

import type { Arguments } from '../arguments.ts';
import { asText } from '../arguments.ts';
import type { RpcContext } from '../context.ts';
import { RPC_CODE, RpcError } from '../errors.ts';
import { formatHelp, listConversions } from '../help.ts';
import type { JsonOutput, JsonValue } from '../json/json-value.ts';
import { describeApi } from '../openrpc.ts';
import type { MethodSpec } from '../schema.ts';
import { field, object, optional, param, result } from '../schema-words.ts';

/** A word that Core's test of its command line asks help for. */
const CONVERSIONS = 'dump_all_command_conversions';

const STOPPING = 'Tallystick stopping';

async function stop({ host, timers }: RpcContext, args: Arguments): Promise<JsonOutput> {
  const waitMs = args.has('wait') ? args.integer('wait') : 0;
  host.stop();
  if (waitMs > 0) await new Promise<void>((resolve) => void timers.after(waitMs, resolve));
  return STOPPING;
}

function getRpcInfo({ host, activeCalls }: RpcContext): JsonOutput {
  const nowMs = host.hostMs();
  return {
    active_commands: activeCalls().map(({ method, startedMs }) => ({
      method,
      duration: Math.max(0, Math.round((nowMs - startedMs) * 1000)),
    })),
    logpath: host.logPath,
  };
}

function switchCategories({ host }: RpcContext, names: readonly JsonValue[], isOn: boolean): void {
  const known = host.log.list();
  for (const name of new Set(names.map(asText))) {
    if (name === 'all' || name === '1' || name === '') for (const one of known.keys()) host.log.set(one, isOn);
    else if (known.has(name)) host.log.set(name, isOn);
    else throw new RpcError(RPC_CODE.INVALID_PARAMETER, `unknown logging category ${name}`);
  }
}

function logging(context: RpcContext, args: Arguments): JsonOutput {
  switchCategories(context, args.list('include', []), true);
  switchCategories(context, args.list('exclude', []), false);
  return context.host.log.list();
}

/** Nothing is locked into memory: JavaScript has no say in it, and keys do not stay in it longer than a call. */
function getMemoryInfo(_: RpcContext, args: Arguments): JsonOutput {
  const mode = args.text('mode', 'stats');
  if (mode === 'mallocinfo') throw new RpcError(RPC_CODE.INVALID_PARAMETER, 'mallocinfo mode not available');
  if (mode !== 'stats') throw new RpcError(RPC_CODE.INVALID_PARAMETER, `unknown mode ${mode}`);
  return { locked: { used: 0, free: 0, total: 0, locked: 0, chunks_used: 0, chunks_free: 0 } };
}

const CATEGORY_ITEM = optional('category', 'string', 'A category; all or 1 stand for all of them');

/** The methods of this file. */
export const CONTROL_METHODS: readonly MethodSpec[] = Object.freeze([
  {
    name: 'help',
    category: 'control',
    description: 'Lists all methods, or tells what one of them does.',
    parameters: [param('command', 'string', 'The method', { defaultHint: 'all commands' })],
    results: [result('string', 'The help text'), result('any')],
    examples: [],
    run: ({ methods }, args) => {
      const command = args.text('command', '');
      return command === CONVERSIONS ? listConversions(methods) : formatHelp(methods, command);
    },
  },
  {
    name: 'getopenrpcinfo',
    category: 'control',
    description: 'Describes all methods for programs, as an OpenRPC document.',
    parameters: [],
    results: [result('object', 'The document', { skipsTypeCheck: true })],
    examples: [''],
    run: ({ methods, host }) => describeApi(methods, host.version),
  },
  {
    name: 'getrpcinfo',
    category: 'control',
    description: 'Tells of the RPC server.',
    parameters: [],
    results: [
      object([
        field('active_commands', 'array', 'Calls that are being answered', {
          inner: [
            object([field('method', 'string', 'The method'), field('duration', 'number', 'For how many microseconds')]),
          ],
        }),
        field('logpath', 'string', 'Full path of the log file'),
      ]),
    ],
    examples: [''],
    run: getRpcInfo,
  },
  {
    name: 'stop',
    category: 'control',
    description: 'Asks the program to stop in order.',
    parameters: [optional('wait', 'number', 'Milliseconds to wait before the answer', { isHidden: true })],
    results: [result('string', `The words '${STOPPING}'`)],
    examples: [],
    run: stop,
  },
  {
    name: 'uptime',
    category: 'control',
    description: 'Tells for how many seconds the program has been running.',
    parameters: [],
    results: [result('number', 'Seconds')],
    examples: [''],
    run: ({ host }) => host.uptimeSec(),
  },
  {
    name: 'logging',
    category: 'control',
    description:
      'Tells which categories of debug lines are written, and switches them.\nCategories to include come first; what stands in both lists is excluded.',
    parameters: [
      optional('include', 'array', 'Categories to switch on', { inner: [CATEGORY_ITEM] }),
      optional('exclude', 'array', 'Categories to switch off', { inner: [CATEGORY_ITEM] }),
    ],
    results: [
      result('object-dynamic', 'By category', {
        inner: [field('category', 'boolean', 'Whether its lines are written')],
      }),
    ],
    examples: ['', '\'["net"]\' \'["validation"]\''],
    run: logging,
  },
  {
    name: 'getmemoryinfo',
    category: 'control',
    description: 'Tells of memory that is locked against being swapped out.',
    parameters: [param('mode', 'string', 'stats, or mallocinfo, which this program has not', { default: 'stats' })],
    results: [
      object([
        field('locked', 'object', '', {
          inner: ['used', 'free', 'total', 'locked', 'chunks_used', 'chunks_free'].map((key) =>
            field(key, 'number', 'Always 0: nothing is locked'),
          ),
        }),
      ]),
    ],
    examples: [''],
    run: getMemoryInfo,
  },
]);

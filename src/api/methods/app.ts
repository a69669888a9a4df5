// Methods of the app around the node: links that let a browser in, further nodes on this machine, the door for other machines. What
// they do needs processes and sockets and is behind AppPorts; without an app they say so. Core has nothing like them.

import { type AppPorts, AppRefusal, type JoinAdvice, type LedgerNodeInfo } from '../app-ports.ts';
import type { Arguments } from '../arguments.ts';
import type { RpcContext } from '../context.ts';
import { RPC_CODE, RpcError } from '../errors.ts';
import type { JsonOutput } from '../json/json-value.ts';
import type { MethodSpec } from '../schema.ts';
import { field, maybe, object, optional, param, result } from '../schema-words.ts';

function requireApp({ app }: RpcContext): AppPorts {
  if (app !== undefined) return app;
  throw new RpcError(RPC_CODE.MISC_ERROR, 'This node has no app: start it with -web, or with tally up');
}

/** What somebody behind the ports refuses is the caller's to know. */
async function ask<T>(work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    if (!(error instanceof AppRefusal)) throw error;
    throw new RpcError(RPC_CODE.MISC_ERROR, error.message);
  }
}

function describeNode({ id, state, pid, folder, port, rpcPort, webPort, height, fault }: LedgerNodeInfo): JsonOutput {
  return {
    id,
    state,
    pid: pid ?? undefined,
    folder,
    port: port ?? undefined,
    rpcport: rpcPort ?? undefined,
    webport: webPort ?? undefined,
    height: height ?? undefined,
    fault: fault ?? undefined,
  };
}

function describeAdvice({ isOpen, places, command, paramsFile }: JoinAdvice): JsonOutput {
  return { open: isOpen, places, command: command ?? undefined, chainparams: paramsFile ?? undefined };
}

/** A name or an address, as it stands in a URL. */
const HOST = /^(?:[A-Za-z0-9](?:[A-Za-z0-9.-]{0,251}[A-Za-z0-9])?|\[[0-9A-Fa-f:.]{2,45}\])$/;

function readHost(args: Arguments): string | null {
  if (!args.has('host')) return null;
  const host = args.text('host');
  if (HOST.test(host)) return host;
  throw new RpcError(RPC_CODE.INVALID_PARAMETER, 'host is no name and no address');
}

const NODE_FIELDS = [
  field('id', 'number', 'Its number, from 1'),
  field('state', 'string', 'starting, running, stopping, stopped or failed'),
  maybe('pid', 'number', 'Number of its process'),
  field('folder', 'string', 'Its data folder'),
  maybe('port', 'number', 'Its port for other nodes, on this machine'),
  maybe('rpcport', 'number', 'Its port for programs'),
  maybe('webport', 'number', 'Its port for browsers'),
  maybe('height', 'number', 'Number of its last page'),
  maybe('fault', 'string', 'Why it is not there'),
];

const ADVICE = [
  object([
    field('open', 'boolean', 'Whether other machines can connect to this node now'),
    field('places', 'array', 'Where they would', {
      inner: [result('string', 'An address of this machine, with the port')],
    }),
    maybe('command', 'string', 'What to type on the other machine, in the folder of the program'),
    maybe('chainparams', 'string', 'The file with the rules of this ledger, which the other machine needs, too'),
  ]),
];

const ID = param('id', 'number', 'The number of the node');

/** All addresses of a machine. */
const ANY_HOST = '0.0.0.0';

const OUR_OWN = 'A method of this program, which Bitcoin Core does not have.';

/** What all of them have in common. */
const OURS = { category: 'tallystick', isOurs: true } as const;

/** The methods of this file. */
export const APP_METHODS: readonly MethodSpec[] = Object.freeze([
  {
    ...OURS,
    name: 'getapplink',
    description: `Makes a link that lets one browser use the app of this node. It is good once, and for ten minutes.\n${OUR_OWN}`,
    parameters: [
      optional(
        'host',
        'string',
        'The name or address by which the browser reaches this machine; this machine if left out',
      ),
    ],
    results: [result('string', 'The link')],
    examples: ['', '"192.168.1.5"'],
    run: (context, args) => requireApp(context).createLink(readHost(args)),
  },
  {
    ...OURS,
    name: 'listledgernodes',
    description: `Lists the further nodes on this machine that were started from here.\n${OUR_OWN}`,
    parameters: [],
    results: [result('array', '', { inner: [object(NODE_FIELDS)] })],
    examples: [''],
    run: async (context) => (await requireApp(context).nodes.list()).map(describeNode),
  },
  {
    ...OURS,
    name: 'startledgernode',
    description: `Starts one more node of this ledger on this machine, with a folder, a wallet and an app of its own, connected to this one. It ends with this one.\n${OUR_OWN}`,
    parameters: [optional('id', 'number', 'The number of one that was stopped; a new one if left out')],
    results: [object(NODE_FIELDS)],
    examples: ['', '1'],
    run: async (context, args) => {
      const id = args.has('id') ? args.integer('id') : null;
      return describeNode(await ask(requireApp(context).nodes.start(id)));
    },
  },
  {
    ...OURS,
    name: 'stopledgernode',
    description: `Stops such a node in order. Its folder stays.\n${OUR_OWN}`,
    parameters: [ID],
    results: [object(NODE_FIELDS)],
    examples: ['1'],
    run: async (context, args) => describeNode(await ask(requireApp(context).nodes.stop(args.integer('id')))),
  },
  {
    ...OURS,
    name: 'getledgernodelink',
    description: `Makes a link that lets one browser use the app of such a node.\n${OUR_OWN}`,
    parameters: [ID],
    results: [result('string', 'The link')],
    examples: ['1'],
    run: (context, args) => ask(requireApp(context).nodes.createLink(args.integer('id'))),
  },
  {
    ...OURS,
    name: 'getjoincommand',
    description: `Tells how another machine joins this ledger: with one command, once this node listens for it.\n${OUR_OWN}`,
    parameters: [],
    results: ADVICE,
    examples: [''],
    run: (context) => describeAdvice(requireApp(context).door.adviseJoining()),
  },
  {
    ...OURS,
    name: 'openledger',
    description: `Listens for other machines from now on, until the program ends.\n${OUR_OWN}`,
    parameters: [
      param('host', 'string', 'The address to listen at: 0.0.0.0 for all of this machine', { default: ANY_HOST }),
    ],
    results: ADVICE,
    examples: ['', '"192.168.1.5"'],
    run: async (context, args) => {
      return describeAdvice(await ask(requireApp(context).door.open(args.has('host') ? args.text('host') : ANY_HOST)));
    },
  },
  {
    ...OURS,
    name: 'closeledger',
    description: `Listens no more where openledger has begun to. Connections that there are stay.\n${OUR_OWN}`,
    parameters: [],
    results: ADVICE,
    examples: [''],
    run: async (context) => describeAdvice(await ask(requireApp(context).door.close())),
  },
]);

// Methods that wait for blocks (Core rpc/blockchain.cpp). They hold nobody else up, and answer with the present tip when the time
// is over or the program is to end.

import { formatHash } from '../../kernel/primitives/hashes.ts';
import { equalBytes } from '../../kernel/util/bytes.ts';
import type { Arguments } from '../arguments.ts';
import { asHash } from '../arguments.ts';
import type { RpcContext } from '../context.ts';
import { RPC_CODE, RpcError } from '../errors.ts';
import type { JsonOutput } from '../json/json-value.ts';
import type { MethodSpec } from '../schema.ts';
import { field, NOTHING, object, optional, param } from '../schema-words.ts';

/** Waits until `isReached`, the time is over (0: never), or the program is to end. */
async function waitForTip(context: RpcContext, timeoutMs: number, isReached: () => boolean): Promise<JsonOutput> {
  const { chain, timers, host } = context;
  if (timeoutMs < 0) throw new RpcError(RPC_CODE.MISC_ERROR, 'Negative timeout');
  if (!isReached() && !host.isStopping()) {
    let end = (): void => undefined;
    const over = new Promise<void>((resolve) => {
      end = resolve;
    });
    const unsubscribe = chain.signals.tipChanged.subscribe(() => {
      if (isReached()) end();
    });
    const cancel = timeoutMs > 0 ? timers.after(timeoutMs, end) : end;
    await Promise.race([over, host.whenStopping()]);
    unsubscribe();
    cancel();
  }
  return { hash: formatHash(chain.tipHash), height: chain.height };
}

function waitForNewBlock(context: RpcContext, args: Arguments): Promise<JsonOutput> {
  const given = args.value('current_tip');
  const current = given === null ? context.chain.tipHash : asHash(given, 'current_tip');
  return waitForTip(context, args.integer('timeout', 0), () => !equalBytes(context.chain.tipHash, current));
}

function waitForBlock(context: RpcContext, args: Arguments): Promise<JsonOutput> {
  const wanted = args.hash('blockhash');
  return waitForTip(context, args.integer('timeout', 0), () => equalBytes(context.chain.tipHash, wanted));
}

function waitForBlockHeight(context: RpcContext, args: Arguments): Promise<JsonOutput> {
  const height = args.integer('height');
  return waitForTip(context, args.integer('timeout', 0), () => context.chain.height >= height);
}

const TIMEOUT = param('timeout', 'number', 'Milliseconds to wait; 0: as long as it takes', { default: 0 });
const TIP = [object([field('hash', 'hex', 'The tip'), field('height', 'number', 'Its height')])];
const ON_TIME = 'Answers with the present tip when the time is over or the program stops.';

/** The methods of this file. */
export const WAIT_METHODS: readonly MethodSpec[] = Object.freeze([
  {
    name: 'waitfornewblock',
    category: 'blockchain',
    description: `Waits for another tip.\n${ON_TIME}`,
    parameters: [TIMEOUT, optional('current_tip', 'hex', 'The tip to differ from, if not the present one')],
    results: TIP,
    examples: ['1000'],
    run: waitForNewBlock,
  },
  {
    name: 'waitforblock',
    category: 'blockchain',
    description: `Waits until a certain block is the tip.\n${ON_TIME}`,
    parameters: [param('blockhash', 'hex', 'The block'), TIMEOUT],
    results: TIP,
    examples: ['"0000000000079f8ef3d2c688c244eb7a4570b24c9ed7b4a8c619eb02596f8862" 1000'],
    run: waitForBlock,
  },
  {
    name: 'waitforblockheight',
    category: 'blockchain',
    description: `Waits until the tip has at least a certain height.\n${ON_TIME}`,
    parameters: [param('height', 'number', 'The height'), TIMEOUT],
    results: TIP,
    examples: ['100 1000'],
    run: waitForBlockHeight,
  },
  {
    name: 'syncwithvalidationinterfacequeue',
    category: 'hidden',
    description:
      'Waits until everybody has heard of all blocks that were connected. Here they always have when an answer is given.',
    parameters: [],
    results: NOTHING,
    examples: [],
    run: async ({ chain, clock }) => {
      await chain.activate(clock.nowSec());
      return null;
    },
  },
]);

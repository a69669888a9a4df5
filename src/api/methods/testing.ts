// Hidden methods for tests: setting the time, echoing arguments (Core rpc/node.cpp).

import { asInt64 } from '../arguments.ts';
import { RPC_CODE, RpcError } from '../errors.ts';
import type { MethodSpec } from '../schema.ts';
import { NOTHING, optional, param, result } from '../schema-words.ts';

/** Times of blocks are 32 bits. */
const MOCK_TIME_MAX: number = 2 ** 32 - 1;

/** Seconds by which the scheduler is moved at most (Core: an hour). */
const SCHEDULER_DELTA_MAX_SEC = 3600;

const ECHO_COUNT = 10;
const BUG_TRIGGER = 'trigger_internal_bug';

function echo(name: string): MethodSpec {
  return {
    name,
    category: 'hidden',
    description:
      'Answers with its own arguments, for tests.\nOn the command line, echo takes texts and echojson takes JSON; there is no other difference.',
    parameters: Array.from({ length: ECHO_COUNT }, (_, i) =>
      optional(`arg${i}`, 'string', '', { skipsTypeCheck: true }),
    ),
    results: [result('any', 'The arguments')],
    examples: [],
    run: (_, args) => {
      if (args.values[ECHO_COUNT - 1] === BUG_TRIGGER) {
        throw new RpcError(
          RPC_CODE.MISC_ERROR,
          `Internal bug detected: request.params[9].get_str() != "${BUG_TRIGGER}"`,
        );
      }
      return args.values;
    },
  };
}

/** The methods of this file. */
export const TESTING_METHODS: readonly MethodSpec[] = Object.freeze([
  {
    name: 'setmocktime',
    category: 'hidden',
    description: 'Sets the time that the program goes by, on a test ledger without difficulty.',
    parameters: [param('timestamp', 'number', 'Seconds since 1970\n0 goes back to the time of the system.')],
    results: NOTHING,
    examples: [],
    run: ({ params, clock, node }, args) => {
      if (!params.isMockable) {
        throw new RpcError(RPC_CODE.MISC_ERROR, 'setmocktime is for regression testing (-regtest mode) only');
      }
      const timeSec = asInt64(args.value('timestamp'));
      if (timeSec < 0 || timeSec > MOCK_TIME_MAX) {
        throw new RpcError(
          RPC_CODE.INVALID_PARAMETER,
          `Mocktime must be in the range [0, ${MOCK_TIME_MAX}], not ${timeSec}.`,
        );
      }
      clock.setMockTime(timeSec);
      node.clockWasSet();
      return null;
    },
  },
  {
    name: 'mockscheduler',
    category: 'hidden',
    description: 'Makes everything that is to be done later due earlier, on a test ledger without difficulty.',
    parameters: [param('delta_time', 'number', 'By how many seconds')],
    results: NOTHING,
    examples: [],
    run: ({ params, timers }, args) => {
      if (!params.isMockable) {
        throw new RpcError(RPC_CODE.MISC_ERROR, 'mockscheduler is for regression testing (-regtest mode) only');
      }
      const deltaSec = asInt64(args.value('delta_time'));
      if (deltaSec <= 0 || deltaSec > SCHEDULER_DELTA_MAX_SEC) {
        throw new RpcError(RPC_CODE.MISC_ERROR, 'delta_time must be between 1 and 3600 seconds (1 hr)');
      }
      timers.advance(deltaSec * 1000);
      return null;
    },
  },
  echo('echo'),
  echo('echojson'),
  {
    name: 'echoipc',
    category: 'hidden',
    description:
      'Answers with what it is given. Core asks a process of its own where it has several; here there is one.',
    parameters: [param('arg', 'string', 'The text')],
    results: [result('string', 'The text')],
    examples: ['"Hello world"'],
    run: (_, args) => args.text('arg'),
  },
]);

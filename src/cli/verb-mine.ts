// The command `tally mine`: switches the node's miner on and off, and draws its picture in words.

import { jsonDouble } from '../api/json/json-value.ts';
import { formatAmount } from '../kernel/primitives/amount.ts';
import { type Answer, askFor } from './answer.ts';
import { formatCount } from './progress.ts';
import { type Verb, VerbError, type VerbRun, WALLET_OPTION } from './verb.ts';

/** Smallest share that makes sense, as the node has it. */
const SHARE_MIN = 0.01;

const THREADS_MAX = 1024;

/** Heights that are listed of pages that were won. */
const LISTED_PAGES = 10;

const ACTIONS = ['on', 'off', 'status'] as const;

async function mine({ args, ask, output }: VerbRun): Promise<void> {
  const [word = 'status', ...rest] = args.words;
  const action = ACTIONS.find((one) => one === word);
  if (action === undefined || rest.length > 0) throw new VerbError('tally mine takes one of: on, off, status');
  const wishes = new Map<string, string | number | boolean>();
  const share = args.decimal('share', SHARE_MIN, 1);
  const threads = args.integer('threads', 1, THREADS_MAX);
  if (share !== undefined) wishes.set('share', share);
  if (threads !== undefined) wishes.set('threads', threads);
  const address = args.text('address');
  if (address !== undefined) wishes.set('address', address);
  if (action !== 'status') wishes.set('on', action === 'on');
  if (action === 'on' && address === undefined && !(await askFor(ask, 'getminerinfo')).has('address')) {
    wishes.set('address', `${(await askFor(ask, 'getnewaddress', ['mining'])).value}`);
  }
  const info = wishes.size === 0 ? await askFor(ask, 'getminerinfo') : await setMiner({ ask }, wishes);
  output.print(describeMiner(info));
}

function setMiner(
  { ask }: Pick<VerbRun, 'ask'>,
  wishes: ReadonlyMap<string, string | number | boolean>,
): Promise<Answer> {
  const numbers = [...wishes].map(
    ([name, value]) => [name, typeof value === 'number' ? jsonDouble(value) : value] as const,
  );
  return askFor(ask, 'setminer', new Map(numbers));
}

function describeMiner(info: Answer): string {
  const threads = info.number('threads');
  const share = Math.round(info.number('share') * 100);
  const isOn = info.flag('isOn');
  const lines = [
    isOn ? `Mining is on: ${plural(threads, 'thread')}, ${share}% of their time` : 'Mining is off',
    info.has('address') ? `Rewards go to  ${info.text('address')}` : 'Nobody has said where rewards go',
    `Next page      height ${formatCount(info.number('height'))}, difficulty ${formatSignificant(info.number('difficulty'))}`,
  ];
  if (isOn) lines.push(...describeSearch(info));
  lines.push(...describePages(info));
  return `${lines.join('\n')}\n`;
}

function describeSearch(info: Answer): readonly string[] {
  if (info.number('transactionCount') === 0) return ['The search begins; tally mine tells how it goes'];
  const share = formatSignificant(Math.min(100, info.number('networkShare') * 100));
  const lines = [
    `Reward         ${formatAmount(info.number('rewardSat'))} with ${plural(info.number('transactionCount'), 'transaction')}`,
    `Speed          ${formatCount(info.number('hashesPerSecond'))} hashes per second, ${share}% of the network`,
    `Tried          ${formatCount(info.number('hashesAtHeight'))} hashes at this height`,
    `Wanted         ${info.text('target')} or lower`,
  ];
  if (info.has('bestHash')) lines.push(`Best so far    ${info.text('bestHash')}`);
  if (info.has('expectedSec')) lines.push(`A page takes   ${formatDuration(info.number('expectedSec'))} on average`);
  return lines;
}

function describePages(info: Answer): readonly string[] {
  const won = info.number('pagesWon');
  if (won === 0) return ['Pages won      none since the node was started'];
  const heights = info
    .items('pages')
    .slice(0, LISTED_PAGES)
    .map((page) => formatCount(page.number('height')));
  return [`Pages won      ${formatCount(won)} since the node was started; the last ones: ${heights.join(', ')}`];
}

function plural(count: number, noun: string): string {
  return `${formatCount(count)} ${noun}${count === 1 ? '' : 's'}`;
}

/** Three digits that say something. */
function formatSignificant(value: number): string {
  return value === 0 ? '0' : `${Number(value.toPrecision(3))}`;
}

const UNITS: readonly (readonly [seconds: number, name: string])[] = [
  [365 * 86_400, 'year'],
  [86_400, 'day'],
  [3600, 'hour'],
  [60, 'minute'],
];

/** A span of time in the unit that fits it. */
export function formatDuration(seconds: number): string {
  const unit = UNITS.find(([size]) => seconds >= 2 * size);
  if (unit === undefined) return plural(Math.max(1, Math.round(seconds)), 'second');
  return plural(Math.round(seconds / unit[0]), unit[1]);
}

/** The command. */
export const MINE_VERB: Verb = Object.freeze({
  name: 'mine',
  usage: '[on|off|status] [options]',
  help: 'Switches mining with the processor of the node’s machine on or off, or tells how it goes. The first time, rewards go to a new address of the wallet unless another is given.',
  options: [
    ['share', '<0.01-1>', 'How much of the time of its threads is spent on it.'] as const,
    ['threads', '<n>', 'How many threads.'] as const,
    ['address', '<address>', 'Where rewards go.'] as const,
    WALLET_OPTION,
  ],
  run: mine,
});

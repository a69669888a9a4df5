// The command `tally export`: a wallet's history or a range of blocks as a table. It asks for a page at a time and waits until that is
// written, so that memory does not grow with the ledger.

import { JsonNumber } from '../api/json/json-value.ts';
import { formatAmount } from '../kernel/primitives/amount.ts';
import { type Answer, askFor } from './answer.ts';
import { type Cell, TABLE_FORMATS, TableWriter } from './table-writer.ts';
import { type Verb, VerbError, type VerbRun, WALLET_OPTION } from './verb.ts';

/** Blocks of one call: what getrecentblocks gives at most. */
const BLOCKS_PER_CALL = 100;

/** Entries of a wallet's history of one call. */
const ENTRIES_PER_CALL = 1000;

/** Beyond every height. */
const HEIGHT_MAX: number = 2 ** 31 - 1;

/** Heights that are wanted, both included. */
interface HeightRange {
  readonly from: number;
  readonly to: number;
}

async function exportTable(run: VerbRun): Promise<void> {
  const [what, ...rest] = run.args.words;
  if (rest.length > 0 || (what !== 'history' && what !== 'blocks')) {
    throw new VerbError('tally export takes one of: history, blocks');
  }
  const from = run.args.integer('from', 0, HEIGHT_MAX) ?? 0;
  const to = run.args.integer('to', 0, HEIGHT_MAX) ?? HEIGHT_MAX;
  if (from > to) throw new VerbError('--from is above --to');
  await (what === 'blocks' ? exportBlocks(run, { from, to }) : exportHistory(run, { from, to }));
}

// --- blocks -------------------------------------------------------------------------------------------------------------

const BLOCK_COLUMNS: readonly (readonly [name: string, read: (block: Answer) => Cell])[] = [
  ['height', (block) => block.number('height')],
  ['time', (block) => formatTime(block.number('time'))],
  ['hash', (block) => block.text('hash')],
  ['previous_hash', (block) => (block.has('previousHash') ? block.text('previousHash') : null)],
  ['difficulty', (block) => block.number('difficulty')],
  ['transactions', (block) => block.number('transactionCount')],
  ['size', (block) => optionalNumber(block, 'size')],
  ['weight', (block) => optionalNumber(block, 'weight')],
  ['fees', (block) => optionalSat(block, 'feesSat')],
  ['reward', (block) => optionalSat(block, 'rewardSat')],
  ['miner_text', (block) => (block.has('minerText') ? block.text('minerText') : null)],
];

async function exportBlocks({ args, ask, output, drain }: VerbRun, { from, to }: HeightRange): Promise<void> {
  const format = args.oneOf('format', TABLE_FORMATS, 'csv');
  const tip = await askFor(ask, 'getblockchaininfo');
  const last = Math.min(to, tip.number('blocks'));
  const columns = BLOCK_COLUMNS.map(([name]) => name);
  const table = new TableWriter(columns, format, (text) => output.print(text));
  for (let height = from; height <= last; ) {
    const count = Math.min(BLOCKS_PER_CALL, last - height + 1);
    const page = (await askFor(ask, 'getrecentblocks', [count, height + count])).items();
    for (const block of [...page].reverse()) table.add(BLOCK_COLUMNS.map(([, read]) => read(block)));
    if (page.length < count) throw new VerbError('The chain has become shorter meanwhile: begin anew');
    height += count;
    await drain();
  }
  table.end();
}

// --- history ------------------------------------------------------------------------------------------------------------

const HISTORY_COLUMNS: readonly (readonly [name: string, read: (entry: Answer) => Cell])[] = [
  ['time', (entry) => formatTime(entry.number('time'))],
  ['height', (entry) => optionalNumber(entry, 'blockheight')],
  ['txid', (entry) => entry.text('txid')],
  ['category', (entry) => entry.text('category')],
  ['address', (entry) => optionalText(entry, 'address')],
  ['label', (entry) => optionalText(entry, 'label')],
  ['amount', (entry) => new JsonNumber(formatAmount(entry.amountSat('amount')))],
  ['fee', (entry) => (entry.has('fee') ? new JsonNumber(formatAmount(entry.amountSat('fee'))) : null)],
  ['confirmations', (entry) => entry.number('confirmations')],
  ['comment', (entry) => optionalText(entry, 'comment')],
];

/** What tells entries of a history apart. */
function nameOf(entry: Answer): string {
  const output = entry.has('vout') ? entry.number('vout') : '';
  return `${entry.text('txid')} ${entry.text('category')} ${output}`;
}

/**
 * The last entries come first. New ones that come meanwhile move the others on, so a page may begin with entries of the one before:
 * those are left out.
 */
async function exportHistory({ args, ask, output, drain }: VerbRun, range: HeightRange): Promise<void> {
  const format = args.oneOf('format', TABLE_FORMATS, 'csv');
  const hasRange = args.text('from') !== undefined || args.text('to') !== undefined;
  const columns = HISTORY_COLUMNS.map(([name]) => name);
  let table: TableWriter | null = null;
  let before: ReadonlySet<string> = new Set();
  for (let skip = 0; ; skip += ENTRIES_PER_CALL) {
    const page = (await askFor(ask, 'listtransactions', ['*', ENTRIES_PER_CALL, skip])).items();
    table ??= new TableWriter(columns, format, (text) => output.print(text));
    for (const entry of [...page].reverse()) {
      if (before.has(nameOf(entry)) || (hasRange && !isWithin(entry, range))) continue;
      table.add(HISTORY_COLUMNS.map(([, read]) => read(entry)));
    }
    await drain();
    if (page.length < ENTRIES_PER_CALL) break;
    before = new Set(page.map(nameOf));
  }
  table.end();
}

function isWithin(entry: Answer, { from, to }: HeightRange): boolean {
  if (!entry.has('blockheight')) return false;
  const height = entry.number('blockheight');
  return height >= from && height <= to;
}

function optionalNumber(answer: Answer, key: string): Cell {
  return answer.has(key) ? answer.number(key) : null;
}

function optionalText(answer: Answer, key: string): Cell {
  return answer.has(key) ? answer.text(key) : null;
}

function optionalSat(answer: Answer, key: string): Cell {
  return answer.has(key) ? new JsonNumber(formatAmount(answer.number(key))) : null;
}

/** A moment as ISO 8601 has it, in UTC. */
function formatTime(timeSec: number): string {
  return new Date(timeSec * 1000).toISOString().replace('.000Z', 'Z');
}

/** The command. */
export const EXPORT_VERB: Verb = Object.freeze({
  name: 'export',
  usage: 'history|blocks [options]',
  help: 'Prints the history of a wallet, the last entries first, or blocks from the first on, as a table. Redirect it into a file: tally export history > history.csv',
  options: [
    ['format', 'csv|json', 'CSV for spreadsheets, or JSON. (default: csv)'] as const,
    ['from', '<height>', 'Only what is in blocks from this height on.'] as const,
    ['to', '<height>', 'Only what is in blocks up to this height.'] as const,
    WALLET_OPTION,
  ],
  run: exportTable,
});

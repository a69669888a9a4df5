// The command `tally balance`: what wallets have, what is on its way, and what miners must wait for.

import { formatAmount } from '../kernel/primitives/amount.ts';
import { type AskNode, askFor } from './answer.ts';
import { cleanText } from './text-columns.ts';
import { type Verb, VerbError, type VerbRun } from './verb.ts';

/** Wallets that are told of; nobody reads more. */
const WALLETS_MAX = 100;

async function tellBalance({ args, ask, askWallet, output }: VerbRun): Promise<void> {
  if (args.words.length > 0) throw new VerbError(`tally balance takes no ‘${args.words[0]}’`);
  const named = args.text('wallet');
  if (named !== undefined) {
    output.print(await describeWallet(named, ask));
    return;
  }
  const names = (await askFor(ask, 'listwallets')).items().map(({ value }) => `${value}`);
  if (names.length === 0) {
    throw new VerbError(
      'No wallet is loaded.\nMake one with: tally createwallet <name>, or load one with: tally loadwallet <name>',
    );
  }
  const texts: string[] = [];
  for (const name of names.slice(0, WALLETS_MAX)) texts.push(await describeWallet(name, askWallet(name)));
  if (names.length > WALLETS_MAX) texts.push(`… and ${names.length - WALLETS_MAX} more wallets\n`);
  output.print(texts.join('\n'));
}

async function describeWallet(name: string, ask: AskNode): Promise<string> {
  const mine = (await askFor(ask, 'getbalances')).part('mine');
  const trustedSat = mine.amountSat('trusted');
  const pendingSat = mine.amountSat('untrusted_pending');
  const immatureSat = mine.amountSat('immature');
  const rows: [string, number, string][] = [
    ['Available', trustedSat, ''],
    ['Pending', pendingSat, 'payments that are in no block yet'],
    ['Immature', immatureSat, 'rewards that wait for 100 blocks on top'],
    ['Total', trustedSat + pendingSat + immatureSat, ''],
  ];
  if (mine.has('used'))
    rows.splice(3, 0, ['Reused', mine.amountSat('used'), 'of addresses that were spent from before']);
  const lines = rows
    .filter(([head, valueSat]) => head === 'Available' || head === 'Total' || valueSat !== 0)
    .map(([head, valueSat, note]) => `${head.padEnd(11)}${formatAmount(valueSat).padStart(17)}  ${note}`.trimEnd());
  return [`Wallet     ${name === '' ? '(default wallet)' : cleanText(name)}`, ...lines, ''].join('\n');
}

/** The command. */
export const BALANCE_VERB: Verb = Object.freeze({
  name: 'balance',
  usage: '[--wallet=<name>]',
  help: 'Tells what the loaded wallets have: what can be spent now, what is on its way, and rewards that are too young to be spent.',
  options: [['wallet', '<name>', 'Only this wallet.'] as const],
  run: tellBalance,
});

// The command `tally send`: a payment in two steps. First the wallet makes the transaction without signing it, and every amount is
// named; only when the person agrees it is signed and handed to the network. What is not agreed to has never existed.

import { type JsonOutput, jsonDouble } from '../api/json/json-value.ts';
import { formatAmount, parseAmount } from '../kernel/primitives/amount.ts';
import { type Answer, askFor } from './answer.ts';
import { cleanText } from './text-columns.ts';
import { type Verb, VerbError, type VerbRun, WALLET_OPTION } from './verb.ts';

/** Fee rates in satoshis per virtual byte that make any sense; the node has limits of its own. */
const FEE_RATE_MAX = 100_000;

/** What is to be paid. */
interface Order {
  readonly address: string;
  readonly valueSat: number;
  readonly feeRate: number | undefined;
}

/** A transaction that waits for a yes. */
interface Draft {
  readonly psbt: string;
  readonly feeSat: number;
  /** What comes back to the wallet; null: nothing does. */
  readonly changeSat: number | null;
}

async function send(run: VerbRun): Promise<void> {
  const { ask, args, output, confirm } = run;
  const order = readOrder(run);
  const checked = await askFor(ask, 'validateaddress', [order.address]);
  if (!checked.flag('isvalid')) {
    throw new VerbError(
      `Nothing was sent: ${cleanText(order.address)} is no address of this ledger. ${reasonOf(checked)}`.trim(),
    );
  }
  const wallet = (await askFor(ask, 'getwalletinfo')).text('walletname');
  const draft = await makeDraft(run, order);
  output.print(describeDraft(wallet, order, draft));
  if (!args.has('yes')) {
    if (confirm === null)
      throw new VerbError('Nothing was sent: nobody is there to agree. Give --yes to send without being asked.');
    if (!(await confirm('Send this? [y/N] '))) throw new VerbError('Nothing was sent.');
  }
  const signed = await askFor(ask, 'walletprocesspsbt', [draft.psbt]);
  if (!signed.flag('complete')) throw new VerbError('Nothing was sent: this wallet cannot sign the payment alone.');
  const hex = signed.has('hex')
    ? signed.text('hex')
    : (await askFor(ask, 'finalizepsbt', [signed.text('psbt')])).text('hex');
  const txid = (await askFor(ask, 'sendrawtransaction', [hex])).value;
  output.print(`Sent. The transaction is ${txid}\n`);
}

function reasonOf(checked: Answer): string {
  return checked.has('error') ? checked.text('error') : '';
}

function readOrder({ args }: VerbRun): Order {
  const [address, amount, ...rest] = args.words;
  if (address === undefined || amount === undefined || rest.length > 0) {
    throw new VerbError('tally send takes an address and an amount: tally send <address> <amount>');
  }
  const parsed = parseAmount(amount);
  if (!parsed.ok || parsed.value === 0) {
    throw new VerbError(
      `Nothing was sent: ${cleanText(amount)} is no amount. Write it like 0.25, with at most 8 decimals.`,
    );
  }
  return { address, valueSat: parsed.value, feeRate: args.decimal('fee-rate', 0, FEE_RATE_MAX) };
}

async function makeDraft({ ask }: VerbRun, { address, valueSat, feeRate }: Order): Promise<Draft> {
  const outputs: JsonOutput = [new Map([[address, formatAmount(valueSat)]])];
  const options = feeRate === undefined ? {} : { fee_rate: jsonDouble(feeRate) };
  const funded = await askFor(ask, 'walletcreatefundedpsbt', [[], outputs, 0, options]);
  const psbt = funded.text('psbt');
  const position = funded.number('changepos');
  const feeSat = funded.amountSat('fee');
  if (position < 0) return { psbt, feeSat, changeSat: null };
  return { psbt, feeSat, changeSat: readChange(await askFor(ask, 'decodepsbt', [psbt]), position) };
}

/** The amount of an output: a PSBT of version 0 has a transaction in it, one of version 2 has none. */
function readChange(decoded: Answer, position: number): number | null {
  if (decoded.has('tx')) return decoded.part('tx').items('vout')[position]?.amountSat('value') ?? null;
  return decoded.items('outputs')[position]?.amountSat('amount') ?? null;
}

function describeDraft(wallet: string, { address, valueSat, feeRate }: Order, { feeSat, changeSat }: Draft): string {
  const row = (head: string, sat: number, note = ''): string =>
    `${head.padEnd(12)}${formatAmount(sat).padStart(17)}  ${note}`.trimEnd();
  return [
    `From wallet ${wallet === '' ? '(default wallet)' : cleanText(wallet)}`,
    `To          ${address}`,
    row('Amount', valueSat),
    row(
      'Fee',
      feeSat,
      feeRate === undefined ? 'for the miner' : `for the miner, at ${feeRate} satoshis per virtual byte`,
    ),
    row('Altogether', valueSat + feeSat, 'leave the wallet'),
    ...(changeSat === null ? [] : [row('Change', changeSat, 'comes back to the wallet')]),
    '',
  ].join('\n');
}

/** The command. */
export const SEND_VERB: Verb = Object.freeze({
  name: 'send',
  usage: '<address> <amount> [options]',
  help: 'Pays an amount to an address. Every amount is named first, and nothing is sent before you agree.',
  options: [
    WALLET_OPTION,
    ['fee-rate', '<sat/vB>', 'What to pay per virtual byte, in satoshis; as the node estimates if left out.'] as const,
    ['yes', '', 'Send without being asked.'] as const,
  ],
  run: send,
});

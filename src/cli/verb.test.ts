// The commands for people, against a node that says what a test tells it to say.

import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import type { ServerReply } from '../api/command-line.ts';
import { parseJson } from '../api/json/json-parser.ts';
import type { JsonOutput } from '../api/json/json-value.ts';
import { formatJson } from '../api/json/json-writer.ts';
import { runClient } from './client.ts';
import { formatVerbHelp, type Verb } from './verb.ts';
import { BALANCE_VERB } from './verb-balance.ts';
import { EXPORT_VERB } from './verb-export.ts';
import { formatDuration, MINE_VERB } from './verb-mine.ts';
import { readVerbArguments, VerbArguments } from './verb-options.ts';
import { SEND_VERB } from './verb-send.ts';
import { isYes } from './verbs.ts';

type Answers = Record<string, unknown | ((params: unknown) => unknown)>;

/** A refusal of the node. */
class Refusal {
  readonly code: number;
  readonly message: string;

  constructor(code: number, message: string) {
    this.code = code;
    this.message = message;
  }
}

/** What a command says, and what it asks. */
class Shell {
  text = '';
  readonly calls: string[] = [];
  readonly questions: string[] = [];
  readonly #answers: Answers;

  constructor(answers: Answers) {
    this.#answers = answers;
  }

  async run(verb: Verb, words: readonly string[], answer: boolean | null = null): Promise<string> {
    const ask = (wallet: string) => async (method: string, params: JsonOutput) => this.#reply(wallet, method, params);
    await verb.run({
      args: readVerbArguments([verb.name, ...words], verb.options),
      ask: ask(''),
      askWallet: (name) => ask(`${name}/`),
      output: {
        print: (part) => {
          this.text += part;
        },
        complain: () => undefined,
        terminal: null,
        sharesTerminal: false,
      },
      confirm:
        answer === null
          ? null
          : async (question) => {
              this.questions.push(question);
              return answer;
            },
      drain: async () => undefined,
    });
    return this.text;
  }

  #reply(wallet: string, method: string, params: JsonOutput): ServerReply {
    this.calls.push(`${wallet}${method} ${formatJson(params)}`);
    const given = this.#answers[`${wallet}${method}`] ?? this.#answers[method];
    assert.notEqual(given, undefined, `${wallet}${method} was not expected`);
    const value = typeof given === 'function' ? given(JSON.parse(formatJson(params))) : given;
    const parsed = parseJson(JSON.stringify(value));
    assert.ok(parsed.ok);
    return value instanceof Refusal ? { error: parsed.value, result: null } : { error: null, result: parsed.value };
  }
}

const ADDRESS = 'bcrt1qq6hag67dl53wl99vzg42z8eyzfz2xlkvwk6f7m';
const TXID = 'ab'.repeat(32);

test('tally balance tells of every wallet that is loaded', async () => {
  const shell = new Shell({
    listwallets: ['anna', ''],
    'anna/getbalances': { mine: { trusted: 1.5, untrusted_pending: 0.25, immature: 50 } },
    '/getbalances': { mine: { trusted: 0, untrusted_pending: 0, immature: 0, used: 0.0001 } },
  });
  assert.equal(
    await shell.run(BALANCE_VERB, []),
    `Wallet     anna
Available         1.50000000
Pending           0.25000000  payments that are in no block yet
Immature         50.00000000  rewards that wait for 100 blocks on top
Total            51.75000000

Wallet     (default wallet)
Available         0.00000000
Reused            0.00010000  of addresses that were spent from before
Total             0.00000000
`,
  );
  await assert.rejects(new Shell({ listwallets: [] }).run(BALANCE_VERB, []), /^VerbError: No wallet is loaded/);
  await assert.rejects(new Shell({}).run(BALANCE_VERB, ['x']), /takes no ‘x’/);
});

const MINER = {
  isOn: true,
  share: 0.5,
  threads: 2,
  address: ADDRESS,
  hashesPerSecond: 1_234_567,
  hashes: 9_000_000,
  hashesAtHeight: 8_000_000,
  height: 1201,
  transactionCount: 1,
  rewardSat: 50_0000_0000,
  bits: '1f00ffff',
  difficulty: 0.000015259,
  target: '0000ffff'.padEnd(64, '0'),
  networkHashesPerSecond: 2_469_134,
  networkShare: 0.5,
  expectedSec: 150,
  bestHash: '00001'.padEnd(64, 'a'),
  pagesWon: 2,
  pages: [{ height: 1200, hash: TXID, time: 1, rewardSat: 1 }],
};

test('tally mine draws the picture of the miner', async () => {
  assert.equal(
    await new Shell({ getminerinfo: MINER }).run(MINE_VERB, []),
    `Mining is on: 2 threads, 50% of their time
Rewards go to  ${ADDRESS}
Next page      height 1,201, difficulty 0.0000153
Reward         50.00000000 with 1 transaction
Speed          1,234,567 hashes per second, 50% of the network
Tried          8,000,000 hashes at this height
Wanted         ${MINER.target} or lower
Best so far    ${MINER.bestHash}
A page takes   3 minutes on average
Pages won      2 since the node was started; the last ones: 1,200
`,
  );
  const beginning = await new Shell({ setminer: { ...MINER, transactionCount: 0 } }).run(MINE_VERB, ['off']);
  assert.match(beginning, /\nThe search begins; tally mine tells how it goes\n/);
  const off = { ...MINER, isOn: false, address: undefined, pagesWon: 0 };
  assert.equal(
    await new Shell({ getminerinfo: off }).run(MINE_VERB, ['status']),
    `Mining is off
Nobody has said where rewards go
Next page      height 1,201, difficulty 0.0000153
Pages won      none since the node was started
`,
  );
});

test('tally mine on takes a new address of the wallet when the node has none', async () => {
  const first = new Shell({ getminerinfo: { ...MINER, address: undefined }, getnewaddress: ADDRESS, setminer: MINER });
  await first.run(MINE_VERB, ['on', '--share=0.25', '--threads=3']);
  assert.deepEqual(first.calls.slice(1), [
    'getnewaddress ["mining"]',
    `setminer {"share":0.25,"threads":3,"on":true,"address":"${ADDRESS}"}`,
  ]);
  const again = new Shell({ getminerinfo: MINER, setminer: MINER });
  await again.run(MINE_VERB, ['on']);
  assert.deepEqual(again.calls, ['getminerinfo []', 'setminer {"on":true}']);
  const off = new Shell({ setminer: MINER });
  await off.run(MINE_VERB, ['off']);
  assert.deepEqual(off.calls, ['setminer {"on":false}']);
  await assert.rejects(new Shell({}).run(MINE_VERB, ['away']), /on, off, status/);
  await assert.rejects(new Shell({}).run(MINE_VERB, ['on', '--share=2']), /--share must be a number from 0.01 to 1/);
});

test('spans of time are told in the unit that fits', () => {
  const spans = [0.2, 1, 119, 120, 7200, 172_800, 1e9].map(formatDuration);
  assert.deepEqual(spans, ['1 second', '1 second', '119 seconds', '2 minutes', '2 hours', '2 days', '32 years']);
});

const SENDING: Answers = {
  validateaddress: { isvalid: true },
  getwalletinfo: { walletname: 'anna' },
  walletcreatefundedpsbt: { psbt: 'draft', fee: 0.0000141, changepos: 1 },
  decodepsbt: { tx: { vout: [{ value: 1.5 }, { value: 48.4999859 }] } },
  walletprocesspsbt: { psbt: 'signed', complete: true, hex: '0200' },
  sendrawtransaction: TXID,
};

const REVIEW = `From wallet anna
To          ${ADDRESS}
Amount             1.50000000
Fee                0.00001410  for the miner
Altogether         1.50001410  leave the wallet
Change            48.49998590  comes back to the wallet
`;

test('tally send names every amount, and sends after a yes', async () => {
  const shell = new Shell(SENDING);
  const text = await shell.run(SEND_VERB, [ADDRESS, '1.5'], true);
  assert.equal(text, `${REVIEW}Sent. The transaction is ${TXID}\n`);
  assert.deepEqual(shell.questions, ['Send this? [y/N] ']);
  assert.deepEqual(shell.calls, [
    `validateaddress ["${ADDRESS}"]`,
    'getwalletinfo []',
    `walletcreatefundedpsbt [[],[{"${ADDRESS}":"1.50000000"}],0,{}]`,
    'decodepsbt ["draft"]',
    'walletprocesspsbt ["draft"]',
    'sendrawtransaction ["0200"]',
  ]);
});

test('tally send reads PSBTs of version 2 as well', async () => {
  const shell = new Shell({ ...SENDING, decodepsbt: { outputs: [{ amount: 1.5 }, { amount: 48.4999859 }] } });
  assert.ok((await shell.run(SEND_VERB, [ADDRESS, '1.5'], true)).startsWith(REVIEW));
});

test('tally send signs nothing without a yes', async () => {
  const shell = new Shell(SENDING);
  await assert.rejects(shell.run(SEND_VERB, [ADDRESS, '1.5'], false), /^VerbError: Nothing was sent\.$/);
  assert.equal(shell.text, REVIEW);
  assert.equal(shell.calls.at(-1), 'decodepsbt ["draft"]');
  const alone = new Shell(SENDING);
  await assert.rejects(alone.run(SEND_VERB, [ADDRESS, '1.5'], null), /nobody is there to agree/);
  const forced = new Shell({ ...SENDING, walletcreatefundedpsbt: { psbt: 'draft', fee: 0.1, changepos: -1 } });
  await forced.run(SEND_VERB, [ADDRESS, '1.5', '--yes', '--fee-rate=2.5'], null);
  assert.ok(forced.calls.includes(`walletcreatefundedpsbt [[],[{"${ADDRESS}":"1.50000000"}],0,{"fee_rate":2.5}]`));
  assert.equal(forced.calls.at(-1), 'sendrawtransaction ["0200"]');
});

test('tally send finishes what the wallet has signed, where the wallet does not', async () => {
  const shell = new Shell({
    ...SENDING,
    walletprocesspsbt: { psbt: 'signed', complete: true },
    finalizepsbt: { hex: '03' },
  });
  await shell.run(SEND_VERB, [ADDRESS, '1.5', '--yes']);
  assert.deepEqual(shell.calls.slice(-2), ['finalizepsbt ["signed"]', 'sendrawtransaction ["03"]']);
});

test('what cannot be sent is told, and nothing is asked of the wallet', async () => {
  const wrong = new Shell({ validateaddress: { isvalid: false, error: 'Invalid prefix.' } });
  await assert.rejects(
    wrong.run(SEND_VERB, ['x', '1']),
    /^VerbError: Nothing was sent: x is no address of this ledger\. Invalid prefix\.$/,
  );
  for (const amount of ['0', '-1', '1e3', 'much', '0.123456789', '22000000']) {
    await assert.rejects(new Shell({}).run(SEND_VERB, [ADDRESS, amount]), /is no amount|Invalid parameter/, amount);
  }
  await assert.rejects(new Shell({}).run(SEND_VERB, [ADDRESS]), /takes an address and an amount/);
  const partly = new Shell({ ...SENDING, walletprocesspsbt: { psbt: 'p', complete: false } });
  await assert.rejects(partly.run(SEND_VERB, [ADDRESS, '1', '--yes']), /cannot sign the payment alone/);
});

test('only a plain yes is one', () => {
  assert.deepEqual(['y', 'Y', ' yes ', 'YES'].map(isYes), [true, true, true, true]);
  assert.deepEqual(['', 'n', 'ye', 'yess', 'j', 'yes please'].map(isYes), [false, false, false, false, false, false]);
});

test('tally export blocks writes the blocks from the first on, a page at a time', async () => {
  const block = (height: number) => ({
    hash: TXID,
    height,
    time: 1_700_000_000 + height,
    difficulty: 1,
    transactionCount: 1,
    ...(height === 3 ? { feesSat: 5, rewardSat: 50_0000_0005, size: 300, weight: 1200, minerText: '=x,y' } : {}),
  });
  const shell = new Shell({
    getblockchaininfo: { blocks: 250 },
    getrecentblocks: ([count, before]: number[]) => Array.from({ length: count! }, (_, i) => block(before! - 1 - i)),
  });
  const lines = (await shell.run(EXPORT_VERB, ['blocks', '--from=3', '--to=240'])).split('\r\n');
  assert.deepEqual(shell.calls, [
    'getblockchaininfo []',
    'getrecentblocks [100,103]',
    'getrecentblocks [100,203]',
    'getrecentblocks [38,241]',
  ]);
  assert.equal(lines.length, 1 + 238 + 1);
  assert.equal(lines[0], 'height,time,hash,previous_hash,difficulty,transactions,size,weight,fees,reward,miner_text');
  assert.equal(lines[1], `3,2023-11-14T22:13:23Z,${TXID},,1,1,300,1200,0.00000005,50.00000005,"'=x,y"`);
  assert.equal(lines[2], `4,2023-11-14T22:13:24Z,${TXID},,1,1,,,,,`);
  assert.equal(lines[238]!.split(',')[0], '240');
});

test('tally export history writes what a wallet knows, the last entries first and each once', async () => {
  // One entry comes while the first page is being written.
  const all = Array.from({ length: 1500 }, (_, i) => ({
    txid: i.toString(16).padStart(64, '0'),
    category: 'receive',
    vout: 0,
    address: ADDRESS,
    label: '@home',
    amount: 0.5,
    time: 1_700_000_000 + i,
    confirmations: 1,
    blockheight: i,
  }));
  let extra = 0;
  const shell = new Shell({
    listtransactions: ([, count, skip]: [string, number, number]) => {
      const end = all.length + extra - skip;
      extra = 1;
      return all.slice(Math.max(0, end - count), Math.max(0, end));
    },
  });
  const table = JSON.parse(await shell.run(EXPORT_VERB, ['history', '--format=json']));
  assert.equal(table.length, 1500);
  assert.equal(new Set(table.map(({ txid }: { txid: string }) => txid)).size, 1500);
  assert.deepEqual([table[0].height, table[0].amount, table[0].label], [1499, 0.5, '@home']);
  const some = new Shell({ listtransactions: all.slice(0, 20) });
  const lines = (await some.run(EXPORT_VERB, ['history', '--from=3', '--to=5'])).split('\r\n');
  assert.equal(lines[1], `2023-11-14T22:13:25Z,5,${'5'.padStart(64, '0')},receive,${ADDRESS},'@home,0.50000000,,1,`);
  assert.equal(lines.length, 5);
});

test('tally export refuses what makes no sense', async () => {
  const refuses = (words: readonly string[], why: RegExp) => assert.rejects(new Shell({}).run(EXPORT_VERB, words), why);
  await refuses([], /takes one of: history, blocks/);
  await refuses(['blocks', '--from=2', '--to=1'], /--from is above --to/);
  await refuses(['blocks', '--from=x'], /--from must be a whole number/);
  await refuses(['blocks', '--format=xml'], /--format must be one of csv, json, not xml/);
});

test('refusals of the node come with their code, and help fits a terminal', async () => {
  const shell = new Shell({ listwallets: new Refusal(-32601, 'Method not found') });
  await assert.rejects(shell.run(BALANCE_VERB, []), { name: 'NodeRefusal', code: -32601, message: 'Method not found' });
  for (const verb of [BALANCE_VERB, EXPORT_VERB, MINE_VERB, SEND_VERB]) {
    const help = formatVerbHelp(verb);
    assert.ok(help.startsWith(`Usage: tally ${verb.name} `));
    for (const line of help.split('\n')) assert.ok(line.length <= 79, line);
  }
});

test('options of a command stand behind its name, and none of them is unknown', () => {
  const args = readVerbArguments(['-regtest', 'mine', 'on', '--share=0.5', '-rpcport=1'], MINE_VERB.options);
  assert.ok(args instanceof VerbArguments);
  assert.deepEqual([args.words, args.text('share')], [['on'], '0.5']);
  assert.throws(() => readVerbArguments(['mine', '--sharp=1'], MINE_VERB.options), /Invalid parameter --sharp=1/);
  assert.throws(() => readVerbArguments(['mine', '--share'], MINE_VERB.options), /Can not set -share with no value/);
});

/** What the program says to a command line, without a node behind it. */
async function say(t: TestContext, ...argv: readonly string[]): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'tally-verb-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  let said = '';
  const take = (text: string): void => {
    said += text;
  };
  const output = { print: take, complain: take, terminal: null, sharesTerminal: false };
  // Nobody listens at port 1.
  const code = await runClient(['-regtest', `-datadir=${folder}`, '-rpcport=1', ...argv], output);
  return `${code} ${said}`;
}

test('words that are commands are told from methods', async (t) => {
  assert.match(await say(t, 'mine', '--help'), /^0 Usage: tally mine /);
  assert.match(await say(t, 'export', 'blocks', '-h'), /^0 Usage: tally export /);
  assert.match(await say(t, 'send', 'x'), /^1 error: tally send takes an address and an amount/);
  assert.match(await say(t, 'balance', '--sharp'), /^1 Error: .*Invalid parameter --sharp/);
  assert.match(await say(t, 'balance'), /^1 error: .*Could not connect to the server/s);
  for (const method of [['send', '[{}]'], ['send', '{"x":1}'], ['-named', 'send', 'outputs=[]'], ['getbalances']]) {
    assert.match(await say(t, ...method), /^1 error: .*Could not connect to the server/s);
  }
  assert.match(await say(t, '-netinfo', '-generate'), /^1 error: Only one of -generate, -netinfo may be specified\./);
  assert.match(await say(t, 'audit', '--help'), /^0 Usage: tally audit \[options\]\n.*\n {2}--file=<path>\n/s);
  const explained = await say(t, 'explain', '-h');
  assert.match(explained, /^0 Usage: tally explain .*\n {2}--prevouts=<json>\n.*\n {2}--steps\n/s);
  assert.doesNotMatch(explained, /--file|For tally/);
  assert.match(await say(t, '-help'), /\n {2}balance\n.*\n {2}send\n/s);
});

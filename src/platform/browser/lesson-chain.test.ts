import assert from 'node:assert/strict';
import { test } from 'node:test';
import { findNonce, NONCE_END } from '../../kernel/crypto/nonce-search.ts';
import { fromHex, reversedBytes, toHex } from '../../kernel/util/bytes.ts';
import { LessonChain, type LessonPage, type PageFaults } from './lesson-chain.ts';
import { lowerTarget, readMainSource, readNodeSource } from './lesson-source.ts';

const HEADLINE = 'The Times 03/Jan/2009 Chancellor on brink of second bailout for banks';

function open(): LessonChain {
  const { blocks, consensus } = readMainSource();
  return new LessonChain(blocks, consensus);
}

/** Names of what is held against each page. */
function listFaults(pages: readonly LessonPage[]): string[] {
  return pages.map(({ faults }) =>
    Object.entries(faults)
      .filter(([, fault]) => fault !== null)
      .map(([name]) => name)
      .join(' '),
  );
}

test('the copy is that of the real pages, and the kernel finds nothing wrong with it', () => {
  const { pages } = open();
  assert.deepEqual(
    pages.map(({ hash }) => hash),
    [
      '000000000019d6689c085ae165831e934ff763ae46a2a6c172b3f1b60a8ce26f',
      '00000000839a8e6886ab5951d76f411475428afc90947ee320161bbf18eb6048',
      '000000006a625f06636b8bb6ac7b960a8d03705d1ace08b1a19da3fdcc99ddbd',
      '0000000082b5015589a3fdf2d4baff403e6f0be035a5d9742c1cae6295464449',
      '000000004ebadb55ee9096c9a2f8880e09da59c0d68b1c228da88e48844a1485',
    ],
  );
  assert.equal(pages[0]!.note, HEADLINE);
  assert.deepEqual(
    pages.map(({ note, rewardSat }) => [note === null, rewardSat]),
    [[false, 50_0000_0000], ...new Array(4).fill([true, 50_0000_0000])],
  );
  assert.deepEqual(listFaults(pages), ['', '', '', '', '']);
});

test('one other letter on an old page breaks its digest, and whoever mends it breaks link after link', () => {
  const chain = open();
  chain.setNote(0, HEADLINE.replace('Times', 'Tomes'));
  assert.deepEqual(listFaults(chain.pages), ['contents', 'base', 'base', 'base', 'base']);
  const { contents } = chain.pages[0]!.faults;
  assert.equal(contents!.reason, 'bad-txnmrklroot');
  assert.equal(contents!.expected, '4a5e1e4baab89f3a32518a88c31bc87f618f76673e2cc77ab2127b7afdeda33b');
  assert.equal(contents!.actual, chain.pages[0]!.contentsRoot);
  chain.mendContents(0);
  assert.deepEqual(listFaults(chain.pages), ['work', 'link', 'base', 'base', 'base']);
  assert.equal(chain.pages[0]!.faults.work!.reason, 'high-hash');
  const { link } = chain.pages[1]!.faults;
  assert.deepEqual([link!.reason, link!.rule], ['prev-blk-not-found', 'known-parent']);
  assert.equal(link!.actual, '000000000019d6689c085ae165831e934ff763ae46a2a6c172b3f1b60a8ce26f');
  assert.equal(link!.expected, chain.pages[0]!.hash);
  for (let height = 1; height < 5; height++) chain.mendLink(height);
  assert.deepEqual(listFaults(chain.pages), ['work', 'work', 'work', 'work', 'work']);
  chain.reset();
  assert.deepEqual(listFaults(chain.pages), ['', '', '', '', '']);
});

test('the change of one bit of a page changes about half of its hash', () => {
  const chain = open();
  const before = fromHex(chain.pages[2]!.hash);
  chain.setReward(2, 50_0000_0001);
  chain.mendContents(2);
  const after = fromHex(chain.pages[2]!.hash);
  const changed = before.reduce((sum, byte, i) => sum + toBits(byte ^ after[i]!), 0);
  assert.ok(changed > 80 && changed < 176, `${changed} of 256`);
});

function toBits(byte: number): number {
  return [...byte.toString(2)].filter((digit) => digit === '1').length;
}

test('a note that is too long for a coinbase is refused by its rule, and a text with letters of other alphabets is not', () => {
  const source = lowerTarget(readMainSource(), 4);
  const chain = new LessonChain(source.blocks, source.consensus);
  const forge = (text: string): readonly LessonPage[] => {
    chain.reset();
    chain.setNote(0, text);
    chain.mendContents(0);
    mineAgain(chain, 0);
    return chain.pages;
  };
  assert.equal(forge('x'.repeat(120))[0]!.faults.rules!.reason, 'bad-cb-length');
  assert.equal(forge('符木')[0]!.faults.rules, null);
  assert.equal(forge('')[0]!.faults.rules, null);
});

/** Finds a nonce for a page as it is now. */
function mineAgain(chain: LessonChain, height: number): void {
  const target = reversedBytes(fromHex(chain.pages[height]!.target));
  chain.setNonce(height, findNonce(chain.header(height), target, 0, NONCE_END)!);
}

test('with a target that a page can reach, the changed page and every later one can be mined again: then the copy is good', () => {
  const source = lowerTarget(readMainSource(), 8);
  const chain = new LessonChain(source.blocks, source.consensus);
  assert.deepEqual(listFaults(chain.pages), ['', '', '', '', '']);
  assert.equal(chain.pages[1]!.hashesNeeded, 256);
  chain.setReward(2, 49_0000_0000);
  chain.mendContents(2);
  mineAgain(chain, 2);
  assert.deepEqual(listFaults(chain.pages), ['', '', '', 'link', 'base']);
  for (const height of [3, 4]) {
    chain.mendLink(height);
    mineAgain(chain, height);
  }
  assert.deepEqual(listFaults(chain.pages), ['', '', '', '', '']);
  assert.deepEqual(
    chain.pages.map(({ isChanged }) => isChanged),
    [false, false, true, true, true],
  );
});

test('all the work in the world does not buy a larger reward', () => {
  const source = lowerTarget(readMainSource(), 8);
  const chain = new LessonChain(source.blocks, source.consensus);
  chain.setReward(4, 51_0000_0000);
  chain.mendContents(4);
  mineAgain(chain, 4);
  const rules: PageFaults['rules'] = chain.pages[4]!.faults.rules;
  assert.deepEqual(
    [rules!.reason, rules!.expected, rules!.actual, rules!.field],
    ['bad-cb-amount', '5000000000', '5100000000', 'coinbase.outputsTotalSat'],
  );
  assert.match(rules!.wordsZh, /\p{Script=Han}/u);
});

test('pages of a node are copied where they are those of its network, and nothing else is', () => {
  const hexes = readMainSource().blocks.map(toHex);
  assert.equal(readNodeSource('main', hexes)?.blocks.length, 5);
  assert.equal(readNodeSource('regtest', hexes), null);
  assert.equal(readNodeSource('a ledger of our own', hexes), null);
  assert.equal(readNodeSource('main', []), null);
  assert.equal(readNodeSource('main', ['zz']), null);
  assert.equal(readNodeSource('main', [hexes[0]!.slice(0, -2)]), null);
});

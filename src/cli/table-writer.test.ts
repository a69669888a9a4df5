import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { JsonNumber } from '../api/json/json-value.ts';
import { type Cell, formatCell, type TableFormat, TableWriter } from './table-writer.ts';

function write(format: TableFormat, rows: readonly (readonly Cell[])[]): string {
  let text = '';
  const table = new TableWriter(['name', 'amount'], format, (part) => {
    text += part;
  });
  for (const row of rows) table.add(row);
  table.end();
  return text;
}

test('a table of CSV is that of RFC 4180', () => {
  assert.equal(write('csv', []), 'name,amount\r\n');
  assert.equal(
    write('csv', [
      ['anna', new JsonNumber('-0.10000000')],
      ['bert, "the miner"', null],
      ['two\nlines', 3],
    ]),
    'name,amount\r\nanna,-0.10000000\r\n"bert, ""the miner""",\r\n"two\nlines",3\r\n',
  );
});

test('a table of JSON is a list of objects, of which some may be exact numbers', () => {
  assert.deepEqual(JSON.parse(write('json', [])), []);
  const text = write('json', [
    ['anna', new JsonNumber('0.10000000')],
    ['bert', null],
    ['carl', 2.5e-7],
  ]);
  assert.ok(text.includes('0.10000000'));
  assert.deepEqual(JSON.parse(text), [
    { name: 'anna', amount: 0.1 },
    { name: 'bert', amount: null },
    { name: 'carl', amount: 2.5e-7 },
  ]);
});

test('a text that a spreadsheet would compute is not one any more', () => {
  for (const text of ['=1+1', '+1', '-1', '@SUM(A1)', '\t=1', '\r=1', '\n=1', '＝1', '＠x']) {
    assert.ok(/^"?'/.test(formatCell(text)), text);
  }
  assert.equal(formatCell('=HYPERLINK("http://x","y")'), `"'=HYPERLINK(""http://x"",""y"")"`);
  assert.equal(formatCell(-1), '-1');
  assert.equal(formatCell('a=b'), 'a=b');
});

/** Reads a line of CSV as a spreadsheet does. */
function readLine(line: string): readonly string[] {
  const cells = [''];
  let isQuoted = false;
  for (let i = 0; i < line.length; i++) {
    const letter = line[i]!;
    if (letter === '"' && isQuoted && line[i + 1] === '"') {
      cells.push(`${cells.pop()}"`);
      i++;
    } else if (letter === '"') isQuoted = !isQuoted;
    else if (letter === ',' && !isQuoted) cells.push('');
    else cells.push(cells.pop()! + letter);
  }
  return cells;
}

test('a text that would steer a terminal is letters alone', () => {
  assert.equal(formatCell('a\u001b[2J\u009b1mb\u0007'), 'a\ufffd[2J\ufffd1mb\ufffd');
  assert.equal(formatCell('\u0000=1+1'), '\ufffd=1+1');
  assert.equal(formatCell('\ttab'), "'\ttab");
});

test('whatever strangers write stays in its cell', () => {
  fc.assert(
    fc.property(fc.string(), fc.string(), (a, b) => {
      const [first, second, ...rest] = readLine([formatCell(a), formatCell(b)].join(','));
      assert.ok(first === a || first === `'${a}`);
      assert.ok(second === b || second === `'${b}`);
      assert.deepEqual(rest, []);
    }),
  );
});

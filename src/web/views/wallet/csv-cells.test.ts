import assert from 'node:assert/strict';
import { test } from 'node:test';
import { formatCell, formatTable } from './csv-cells.ts';

test('R07: what a spreadsheet would take for a formula stays a text', () => {
  assert.equal(formatCell('=HYPERLINK("http://x")'), `"'=HYPERLINK(""http://x"")"`);
  assert.equal(formatCell('+1+cmd|calc'), `"'+1+cmd|calc"`);
  assert.equal(formatCell('@SUM(A1)'), `"'@SUM(A1)"`);
  assert.equal(formatCell('-2+3'), `"'-2+3"`);
  assert.equal(formatCell('  =1'), `"'  =1"`);
  assert.equal(formatCell('\t=1'), `"'\t=1"`);
  assert.equal(formatCell('＝1'), `"'＝1"`);
});

test('numbers and common texts stay as they are', () => {
  assert.equal(formatCell(-5), '-5');
  assert.equal(formatCell('-0.00010000'), '-0.00010000');
  assert.equal(formatCell('rent'), 'rent');
  assert.equal(formatCell(null), '');
});

test('commas, quotes and line ends are quoted', () => {
  assert.equal(formatCell('a,b'), '"a,b"');
  assert.equal(formatCell('say "x"'), '"say ""x"""');
  assert.equal(formatCell('a\nb'), '"a\nb"');
  assert.equal(
    formatTable(
      ['time', 'label'],
      [
        ['2026-01-02T03:04:05Z', 'x'],
        [null, '=1'],
      ],
    ),
    'time,label\r\n2026-01-02T03:04:05Z,x\r\n,"\'=1"\r\n',
  );
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { formatPaymentLink, isPaymentLink, LINK_LENGTH_MAX, mayBeAddress, parsePaymentLink } from './payment-link.ts';

const ADDRESS = 'bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4';

function faultOf(text: string): string {
  const answer = parsePaymentLink(text);
  return answer.ok ? 'none' : answer.fault.kind;
}

test('a link names an address, an amount, a label and a message', () => {
  assert.deepEqual(parsePaymentLink(`bitcoin:${ADDRESS}?amount=20.3&label=Luke%20Jr&message=Thank%20you`), {
    ok: true,
    link: { address: ADDRESS, amountSat: 2_030_000_000, label: 'Luke Jr', message: 'Thank you', ignored: [] },
  });
  assert.deepEqual(parsePaymentLink(`  BITCOIN:${ADDRESS}  `), {
    ok: true,
    link: { address: ADDRESS, amountSat: null, label: '', message: '', ignored: [] },
  });
});

test('K14: what a link requires and nobody knows refuses it', () => {
  assert.deepEqual(parsePaymentLink(`bitcoin:${ADDRESS}?amount=1&req-somethingyoudontunderstand=50`), {
    ok: false,
    fault: { kind: 'requires', name: 'req-somethingyoudontunderstand' },
  });
  assert.equal(faultOf(`bitcoin:${ADDRESS}?REQ-pop=x`), 'requires');
  assert.equal(faultOf(`bitcoin:${ADDRESS}?req-`), 'requires');
});

test('K14: addresses of servers and files are told to be ignored; nothing is asked of them', () => {
  for (const place of ['file:///etc/passwd', 'http://127.0.0.1:1/x', 'https://example.org/r']) {
    const answer = parsePaymentLink(`bitcoin:${ADDRESS}?r=${encodeURIComponent(place)}`);
    assert.ok(answer.ok);
    assert.deepEqual(answer.link.ignored, ['r']);
  }
});

test('K14: a link of ten million letters is refused before it is read', () => {
  assert.equal(faultOf(`bitcoin:${ADDRESS}?label=${'x'.repeat(10_000_000)}`), 'too-long');
  assert.equal(faultOf(`bitcoin:${ADDRESS}?label=${'x'.repeat(LINK_LENGTH_MAX)}`), 'too-long');
  assert.equal(isPaymentLink(' '.repeat(10_000_000)), false);
});

test('K14: options, paths and scripts are no addresses', () => {
  for (const text of [
    '--version',
    '-x',
    '../../etc',
    'javascript:alert(1)',
    'a b',
    '',
    'x'.repeat(91),
    'bc1q\u202ew5',
  ]) {
    assert.equal(faultOf(`bitcoin:${text}`), 'no-address', text);
    assert.equal(mayBeAddress(text), false, text);
  }
  assert.equal(faultOf('javascript:alert(1)'), 'not-a-link');
  assert.equal(faultOf(ADDRESS), 'not-a-link');
});

test('an amount that could be read in two ways is refused', () => {
  for (const amount of ['50000.00000001x', '1,5', '-1', '1e3', '0x10', '', '.', '21000001', '0.123456789', '%31%2C5']) {
    assert.equal(faultOf(`bitcoin:${ADDRESS}?amount=${amount}`), 'bad-amount', amount);
  }
  assert.equal(faultOf(`bitcoin:${ADDRESS}?amount=1&amount=2`), 'twice');
  assert.equal(faultOf(`bitcoin:${ADDRESS}?label=%E4%B8`), 'bad-text');
});

test('unseen letters in a label are made visible', () => {
  const answer = parsePaymentLink(`bitcoin:${ADDRESS}?label=pay%E2%80%AEgpj`);
  assert.ok(answer.ok);
  assert.equal(answer.link.label, 'pay\u00b7gpj');
});

test('a link that is made is read back', () => {
  assert.equal(formatPaymentLink(ADDRESS, null, ''), `bitcoin:${ADDRESS}`);
  assert.equal(formatPaymentLink(ADDRESS, 150_000_000, ''), `bitcoin:${ADDRESS}?amount=1.5`);
  assert.equal(formatPaymentLink(ADDRESS, 1, 'a&b=c'), `bitcoin:${ADDRESS}?amount=0.00000001&label=a%26b%3Dc`);
  const answer = parsePaymentLink(formatPaymentLink(ADDRESS, 2_100_000_000_000_000, '午饭'));
  assert.ok(answer.ok);
  assert.deepEqual(answer.link, {
    address: ADDRESS,
    amountSat: 2_100_000_000_000_000,
    label: '午饭',
    message: '',
    ignored: [],
  });
});

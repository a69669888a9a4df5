import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Figures } from './figures.ts';

const en = new Figures('en');
const zh = new Figures('zh-CN');

test('rates and sizes climb their units by thousands', () => {
  assert.equal(en.hashRate(0), '0 H/s');
  assert.equal(en.hashRate(999), '999 H/s');
  assert.equal(en.hashRate(4.41e-7), '< 0.001 H/s');
  assert.equal(en.hashRate(1_234_567), '1.23 MH/s');
  assert.equal(en.hashRate(6.5e20), '650 EH/s');
  assert.equal(en.bytes(1_500_000), '1.5 MB');
});

test('a difficulty is readable from the first block of a small ledger to that of the main network', () => {
  assert.equal(en.difficulty(2.384149979653205e-7), '2.38 × 10⁻⁷');
  assert.equal(en.difficulty(0.0123456), '0.0123');
  assert.equal(en.difficulty(1), '1');
  assert.equal(en.difficulty(155_970_000_000_000), '156T');
});

test('moments are told from now, in the language of the reader', () => {
  assert.equal(en.relativeTime(1000, 1012), '12 sec. ago');
  assert.equal(en.relativeTime(1000, 1119), '1 min. ago');
  assert.equal(en.relativeTime(1000, 1000 + 3 * 86_400), '3 days ago');
  assert.equal(en.relativeTime(1000, 1000 + 59 * 86_400), '59 days ago');
  assert.equal(en.relativeTime(1000, 1000 + 100 * 86_400), '3 mo. ago');
  assert.equal(en.relativeTime(1_231_006_505, 1_775_000_000), '17 yr. ago');
  assert.equal(zh.relativeTime(1000, 1012), '12秒前');
});

test('spans take the unit that suits them', () => {
  assert.equal(en.span(0.0123), '12 ms');
  assert.equal(en.span(15), '15 sec');
  assert.equal(en.span(600), '10 min');
  assert.equal(en.span(3600 * 5), '5 hr');
  assert.equal(zh.span(600), '10分钟');
});

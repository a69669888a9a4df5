// The same kernel, unchanged, in headless Chromium: it judges a real block with its prevouts, and refuses it when one bit of a
// witness is turned. Runs where Chromium is installed; continuous integration installs it.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { chromium } from 'playwright-core';
import { areVectorsRequired, findProjectRoot, openVectorFolder, skipWithout, vectorsPath } from '../vectors/folder.ts';
import { CHROMIUM_NOTICE, CHROMIUM_SWITCHES, findChromium } from './chromium.ts';
import type { PageReport } from './page.ts';
import { serveProject } from './static-server.ts';

/** Mainnet 757739: 91 inputs of P2PKH, P2SH, P2WPKH and P2WSH. */
const BLOCK = 'blocks/with-prevouts/normalized/mainnet-757739.json.gz';

/** What the block's coinbase claims above the subsidy of 6.25 coins. */
const FEES_SAT = 107_042;

async function judgeInBrowser(
  executablePath: string,
  document: string,
): Promise<{ report: PageReport; errors: string[] }> {
  const server = await serveProject(findProjectRoot(), new Map([[`/${BLOCK}`, document]]));
  const browser = await chromium.launch({ executablePath, args: [...CHROMIUM_SWITCHES] });
  try {
    const page = await browser.newPage();
    const errors: string[] = [];
    page.on('pageerror', (error) => errors.push(String(error)));
    await page.goto(server.origin);
    const report = (await page.evaluate(
      `import('/dist/test/browser/page.js').then((page) => page.judgeBlock(${JSON.stringify(BLOCK)}))`,
    )) as PageReport;
    return { report, errors };
  } finally {
    await browser.close();
    await server.close();
  }
}

test('Chromium judges a real block as Node does', { timeout: 120_000 }, async (t) => {
  const executablePath = findChromium();
  if (executablePath === null) {
    assert.ok(!areVectorsRequired(), CHROMIUM_NOTICE);
    return t.skip(CHROMIUM_NOTICE);
  }
  const file = openVectorFolder(vectorsPath())?.find(BLOCK);
  if (file === undefined) return skipWithout(t, vectorsPath());
  const { report, errors } = await judgeInBrowser(executablePath, file.text());
  t.diagnostic(`${report.secp256k1}, SHA-256 ${report.sha256}: ${Math.round(report.milliseconds)} ms`);
  assert.deepEqual(errors, []);
  assert.equal(report.verdict, 'valid');
  assert.equal(report.feesSat, FEES_SAT);
  assert.equal(report.verdictWhenChanged, 'bad-witness-merkle-match');
  assert.match(report.sha256, /^wasm/);
});

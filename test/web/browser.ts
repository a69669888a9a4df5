// A headless Chromium for a test of the page, closed after it; where there is none, the test says so in one line and is left out.

import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { type Browser, chromium } from 'playwright-core';
import { CHROMIUM_NOTICE, CHROMIUM_SWITCHES, findChromium } from '../browser/chromium.ts';
import { areVectorsRequired, findProjectRoot } from '../vectors/folder.ts';

/** Starts it; null where there is none. */
export async function launchBrowser(): Promise<Browser | null> {
  const executablePath = findChromium();
  return executablePath === null ? null : chromium.launch({ executablePath, args: [...CHROMIUM_SWITCHES] });
}

/** Calls `use` with a browser, or leaves the test out. */
export async function withBrowser(context: TestContext, use: (browser: Browser) => Promise<void>): Promise<void> {
  const page = join(findProjectRoot(), 'dist', 'web', 'index.html');
  assert.ok(existsSync(page), 'the page is not built: npm run build:web');
  const browser = await launchBrowser();
  if (browser === null) {
    assert.ok(!areVectorsRequired(), CHROMIUM_NOTICE);
    context.skip(CHROMIUM_NOTICE);
    return;
  }
  try {
    await use(browser);
  } finally {
    await browser.close();
  }
}

// Finds an installed Chromium for the browser tests; none is ever downloaded.

import { existsSync } from 'node:fs';

const PLACES: readonly string[] = [
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
];

/** Path of the browser, from TALLY_CHROMIUM or a usual place; null when there is none. */
export function findChromium(): string | null {
  const named = process.env['TALLY_CHROMIUM'];
  if (named) return existsSync(named) ? named : null;
  return PLACES.find((path) => existsSync(path)) ?? null;
}

/** What to tell a person without a browser. */
export const CHROMIUM_NOTICE =
  'no Chromium found: apt-get install chromium (or set TALLY_CHROMIUM) to run the browser tests';

/** Switches that keep a headless browser quiet: no sandbox, because tests may run as root, and no calls home. */
export const CHROMIUM_SWITCHES: readonly string[] = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

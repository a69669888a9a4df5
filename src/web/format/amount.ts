// Amounts as a person reads and types them. Inside the page an amount is a number of satoshis; the node's answers have them in
// units of the ledger with eight decimals, which a double holds exactly enough to be rounded back.

/** Satoshis in one unit of the ledger. */
export const SAT_PER_UNIT = 100_000_000;

/** Decimals of a unit. */
const DECIMALS = 8;

/** The most there can ever be: 21 million units. */
const SAT_MAX: number = 21_000_000 * SAT_PER_UNIT;

/** U+202F, a narrow blank at which no line breaks. */
const THIN = '\u202f';

const MINUS = '\u2212';

/** An amount cut where the eye should rest. */
export interface AmountParts {
  /** Sign and whole units, in groups of three, and the decimals that say something. */
  readonly main: string;
  /** The zeros at the end. */
  readonly rest: string;
}

/** Satoshis out of an amount of the node. */
export function toSat(units: number): number {
  return Math.round(units * SAT_PER_UNIT);
}

/** An amount in two parts; at least two decimals are in the first. `isSigned` puts a plus before what is above zero. */
export function splitAmount(sat: number, isSigned = false): AmountParts {
  const size = Math.abs(sat);
  const whole = Math.floor(size / SAT_PER_UNIT);
  const decimals = String(size % SAT_PER_UNIT).padStart(DECIMALS, '0');
  const sign = sat < 0 ? MINUS : isSigned && sat > 0 ? '+' : '';
  const kept = Math.max(2, decimals.replace(/0+$/, '').length);
  const text = groupDecimals(decimals);
  // A thin blank stands after the second and the fifth decimal: each one before the cut moves it by one.
  const cut = kept + (kept > 2 ? 1 : 0) + (kept > 5 ? 1 : 0);
  return { main: `${sign}${groupWhole(whole)}.${text.slice(0, cut)}`, rest: text.slice(cut) };
}

function groupWhole(whole: number): string {
  return String(whole).replace(/\B(?=(?:\d{3})+$)/g, THIN);
}

/** Two, three and three: the last six are millionths. */
function groupDecimals(decimals: string): string {
  return `${decimals.slice(0, 2)}${THIN}${decimals.slice(2, 5)}${THIN}${decimals.slice(5)}`;
}

/** An amount as one text without blanks: for fields, copies and screen readers. */
export function formatAmount(sat: number): string {
  const size = Math.abs(sat);
  const decimals = String(size % SAT_PER_UNIT).padStart(DECIMALS, '0');
  return `${sat < 0 ? '-' : ''}${Math.floor(size / SAT_PER_UNIT)}.${decimals}`;
}

/** A thousand to some, one to others: nobody's money hangs on which of them typed it. */
const EITHER_WAY = /^[1-9]\d{0,2},\d{3}$/;

/** Satoshis of a typed amount; null: it is none, can be read in two ways, has too many decimals, or is more than there can be. */
export function parseAmount(text: string): number | null {
  const bare = text.replace(/[\s\u202f_']/g, '');
  if (EITHER_WAY.test(bare)) return null;
  const clean = bare.replace(',', '.');
  const match = /^(\d{1,8})?(?:\.(\d{0,8}))?$/.exec(clean);
  if (match === null || !/\d/.test(clean)) return null;
  const sat = Number(match[1] ?? '0') * SAT_PER_UNIT + Number((match[2] ?? '').padEnd(DECIMALS, '0'));
  return sat <= SAT_MAX ? sat : null;
}

/** What amounts of a network are called; null: they have no name of their own, and the language has a word. */
export function unitOf(network: string): string | null {
  if (network === 'main') return 'BTC';
  return ['test', 'testnet3', 'testnet4', 'signet', 'regtest'].includes(network) ? 'tBTC' : null;
}

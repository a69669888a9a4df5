// The single bytes that stand for message types in encrypted packets (BIP324; 37 is BIP434's). A type that has none is written out in
// twelve bytes, as in the plain form.

/** By their byte; 0 says that twelve bytes follow, empty ones are given to no message that we know (Core V2_MESSAGE_IDS). */
const TYPES: readonly string[] = [
  '',
  'addr',
  'block',
  'blocktxn',
  'cmpctblock',
  'feefilter',
  'filteradd',
  'filterclear',
  'filterload',
  'getblocks',
  'getblocktxn',
  'getdata',
  'getheaders',
  'headers',
  'inv',
  'mempool',
  'merkleblock',
  'notfound',
  'ping',
  'pong',
  'sendcmpct',
  'tx',
  'getcfilters',
  'cfilter',
  'getcfheaders',
  'cfheaders',
  'getcfcheckpt',
  'cfcheckpt',
  'addrv2',
  '',
  '',
  '',
  '',
  '',
  '',
  '',
  '',
  'feature',
];

const NUMBERS: ReadonlyMap<string, number> = new Map(TYPES.flatMap((type, id) => (type === '' ? [] : [[type, id]])));

/** The byte of a message type; null: it has none. */
export function shortIdOf(type: string): number | null {
  return NUMBERS.get(type) ?? null;
}

/** The message type of a byte from 1; empty: given to none that we know. Null: beyond what BIP324 gives to anything. */
export function typeOfShortId(id: number): string | null {
  return TYPES[id] ?? null;
}

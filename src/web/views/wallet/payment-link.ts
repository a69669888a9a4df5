// Links that ask for a payment: `bitcoin:ADDRESS?amount=…&label=…` (BIP21). A link is text of a stranger (K14): it is read and nothing
// more. Nothing that it names is fetched, what it requires and nobody here knows refuses it, and it never becomes part of a command.

import { parseAmount, SAT_PER_UNIT } from '../../format/amount.ts';
import { plainText } from '../../format/short-text.ts';

/** Longest link that is looked at: the largest QR code holds this many letters (ISO/IEC 18004, version 40-L, alphanumeric). */
export const LINK_LENGTH_MAX = 4296;

/** Longest address of any kind: a segwit address of the longest program has 90 letters (BIP173); others are shorter. */
const ADDRESS_LENGTH_MAX = 90;

/** What a link asks for. */
export interface PaymentLink {
  readonly address: string;
  readonly amountSat: number | null;
  readonly label: string;
  readonly message: string;
  /** Names of what else it says, which is left aside: addresses of servers to ask, for example. */
  readonly ignored: readonly string[];
}

/** Why a link is refused. */
export type PaymentLinkFault =
  | { readonly kind: 'too-long' }
  | { readonly kind: 'not-a-link' }
  | { readonly kind: 'no-address' }
  | { readonly kind: 'bad-amount' }
  | { readonly kind: 'twice'; readonly name: string }
  | { readonly kind: 'bad-text'; readonly name: string }
  /** It requires something that is not known here. */
  | { readonly kind: 'requires'; readonly name: string };

/** A link, or why it is refused. */
export type PaymentLinkAnswer =
  | { readonly ok: true; readonly link: PaymentLink }
  | { readonly ok: false; readonly fault: PaymentLinkFault };

const SCHEME = /^bitcoin:(?:\/\/)?/i;

const ADDRESS = /^[0-9A-Za-z]+$/;

const KNOWN: readonly string[] = Object.freeze(['amount', 'label', 'message']);

const REQUIRED_PREFIX = 'req-';

/** Whether a text claims to be a link for a payment. */
export function isPaymentLink(text: string): boolean {
  return SCHEME.test(text.slice(0, LINK_LENGTH_MAX).trimStart());
}

/** Whether a text may be an address at all; the node tells whether it is one. */
export function mayBeAddress(text: string): boolean {
  return text.length <= ADDRESS_LENGTH_MAX && ADDRESS.test(text);
}

/** Reads a link. */
export function parsePaymentLink(text: string): PaymentLinkAnswer {
  if (text.length > LINK_LENGTH_MAX) return refuse({ kind: 'too-long' });
  const clean = text.trim();
  if (!SCHEME.test(clean)) return refuse({ kind: 'not-a-link' });
  const rest = clean.replace(SCHEME, '').replace(/#.*$/s, '');
  const cut = rest.indexOf('?');
  const address = cut < 0 ? rest : rest.slice(0, cut);
  if (!mayBeAddress(address)) return refuse({ kind: 'no-address' });
  return readParameters(address, cut < 0 ? '' : rest.slice(cut + 1));
}

function refuse(fault: PaymentLinkFault): PaymentLinkAnswer {
  return { ok: false, fault };
}

function readParameters(address: string, query: string): PaymentLinkAnswer {
  const known: Map<string, string> = new Map();
  const ignored: string[] = [];
  for (const part of query.split('&')) {
    if (part === '') continue;
    const cut = part.indexOf('=');
    const name = (cut < 0 ? part : part.slice(0, cut)).toLowerCase();
    if (name.startsWith(REQUIRED_PREFIX)) return refuse({ kind: 'requires', name: plainText(name, 40) });
    if (!KNOWN.includes(name)) {
      ignored.push(plainText(name, 40));
      continue;
    }
    if (known.has(name)) return refuse({ kind: 'twice', name });
    const value = decode(cut < 0 ? '' : part.slice(cut + 1));
    if (value === null) return refuse({ kind: 'bad-text', name });
    known.set(name, value);
  }
  const amount = known.get('amount');
  const amountSat = amount === undefined ? null : readAmount(amount);
  if (amount !== undefined && amountSat === null) return refuse({ kind: 'bad-amount' });
  const label = plainText(known.get('label') ?? '');
  return { ok: true, link: { address, amountSat, label, message: plainText(known.get('message') ?? ''), ignored } };
}

/** Units with a point and at most eight decimals: nothing that could be read in two ways. */
function readAmount(text: string): number | null {
  return /^\d*\.?\d*$/.test(text) ? parseAmount(text) : null;
}

function decode(text: string): string | null {
  try {
    return decodeURIComponent(text);
  } catch {
    return null;
  }
}

/** A link that asks for a payment to `address`. */
export function formatPaymentLink(address: string, amountSat: number | null, label: string): string {
  const parts: string[] = [];
  if (amountSat !== null) parts.push(`amount=${formatUnits(amountSat)}`);
  if (label !== '') parts.push(`label=${encodeURIComponent(label)}`);
  return `bitcoin:${address}${parts.length === 0 ? '' : `?${parts.join('&')}`}`;
}

/** Without zeros at the end: the code stays small. */
function formatUnits(sat: number): string {
  const decimals = String(sat % SAT_PER_UNIT)
    .padStart(8, '0')
    .replace(/0+$/, '');
  return `${Math.floor(sat / SAT_PER_UNIT)}${decimals === '' ? '' : `.${decimals}`}`;
}

// A payment while it is written: what stands in the fields, and what it comes to. What is pasted is text of strangers: a link fills the
// fields or is refused as a whole.

import { formatAmount, parseAmount } from '../../format/amount.ts';
import { isPaymentLink, LINK_LENGTH_MAX, type PaymentLinkFault, parsePaymentLink } from './payment-link.ts';

/** One recipient as typed. */
export interface DraftRecipient {
  /** Tells rows apart. */
  readonly id: number;
  readonly address: string;
  readonly amount: string;
  readonly label: string;
  /** Whether it gets all that the coins hold. */
  readonly takesAll: boolean;
  /** Why what was pasted last was refused. */
  readonly linkFault: PaymentLinkFault | null;
  /** What the link says to the payer, and what it names that was left aside. */
  readonly linkMessage: string;
  readonly linkIgnored: readonly string[];
}

/** A row with nothing in it. */
export function createRecipient(id: number): DraftRecipient {
  return {
    id,
    address: '',
    amount: '',
    label: '',
    takesAll: false,
    linkFault: null,
    linkMessage: '',
    linkIgnored: [],
  };
}

/** The row after something was typed or pasted into its address. */
export function typeAddress(recipient: DraftRecipient, text: string): DraftRecipient {
  const bare = { ...recipient, linkFault: null, linkMessage: '', linkIgnored: [] };
  if (text.length > LINK_LENGTH_MAX) return { ...bare, address: '', linkFault: { kind: 'too-long' } };
  if (!isPaymentLink(text)) return { ...bare, address: text.trim() };
  const answer = parsePaymentLink(text);
  // While somebody types "bitcoin:" by hand there is no address yet.
  if (!answer.ok) return { ...bare, address: text.trim(), linkFault: answer.fault };
  const { address, amountSat, label, message, ignored } = answer.link;
  return {
    ...bare,
    address,
    amount: amountSat === null ? bare.amount : formatTyped(amountSat),
    takesAll: amountSat === null ? bare.takesAll : false,
    label: label === '' ? bare.label : label,
    linkMessage: message,
    linkIgnored: ignored,
  };
}

/** An amount as a person would type it. */
export function formatTyped(sat: number): string {
  return formatAmount(sat).replace(/\.?0+$/, '');
}

/** What is wrong with an amount; null: nothing, or it is still empty. */
export function checkAmount(text: string, availableSat: number): 'bad' | 'much' | null {
  if (text.trim() === '') return null;
  const sat = parseAmount(text);
  // More than there can ever be is more than anybody has.
  if (sat === null && /^\d{8,}(?:\.\d{0,8})?$/.test(text.trim())) return 'much';
  if (sat === null || sat === 0) return 'bad';
  return sat > availableSat ? 'much' : null;
}

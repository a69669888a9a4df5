// The address book of a wallet: labels of own and foreign addresses, what they are for, and which own ones were spent from (Core
// m_address_book). An address is named by its output script, hexadecimal; its text is for whoever shows it.

import type { ChangeList } from './change-list.ts';
import type { AddressPurpose, AddressRecord } from './records.ts';

/** What is known of an address. */
export interface AddressEntry {
  /** Null: it has none, and counts as change when it is the wallet's. */
  readonly label: string | null;
  readonly purpose: AddressPurpose | null;
  /** Coins of it were spent before. */
  readonly isUsed: boolean;
}

const UNKNOWN: AddressEntry = Object.freeze({ label: null, purpose: null, isUsed: false });

/** Labels by addresses. */
export class AddressBook {
  readonly #entries: Map<string, AddressEntry> = new Map();
  #version = 0;

  /** Grows with every change. */
  get version(): number {
    return this.#version;
  }

  /** What is known of an address; null: nothing, or it is change (Core FindAddressBookEntry). */
  get(scriptHex: string): (AddressEntry & { readonly label: string }) | null {
    const entry = this.#entries.get(scriptHex);
    return entry === undefined || entry.label === null ? null : { ...entry, label: entry.label };
  }

  /** The label of an address; null when it has none. */
  labelOf(scriptHex: string): string | null {
    return this.#entries.get(scriptHex)?.label ?? null;
  }

  /** True when coins of the address were spent before. */
  isUsed(scriptHex: string): boolean {
    return this.#entries.get(scriptHex)?.isUsed ?? false;
  }

  /** Gives an address a label, and a purpose where one is given. */
  set(scriptHex: string, label: string, purpose: AddressPurpose | null, changes: ChangeList): void {
    const before = this.#entries.get(scriptHex) ?? UNKNOWN;
    this.#put(scriptHex, { ...before, label, purpose: purpose ?? before.purpose }, changes);
  }

  /** Notes that coins of an own address were spent. */
  markUsed(scriptHex: string, changes: ChangeList): void {
    const before = this.#entries.get(scriptHex) ?? UNKNOWN;
    if (!before.isUsed) this.#put(scriptHex, { ...before, isUsed: true }, changes);
  }

  /** Forgets an address of somebody else. */
  delete(scriptHex: string, changes: ChangeList): void {
    if (!this.#entries.delete(scriptHex)) return;
    this.#version++;
    changes.delete({ kind: 'address', id: scriptHex });
  }

  /** All addresses with a label, change left out. */
  *entries(): Generator<readonly [scriptHex: string, entry: AddressEntry & { readonly label: string }], void, void> {
    for (const [scriptHex, { label, ...entry }] of this.#entries) {
      if (label !== null) yield [scriptHex, { ...entry, label }];
    }
  }

  /** Labels in use, each once, in alphabetical order (by code units); of addresses for one purpose where given. */
  labels(purpose: AddressPurpose | null = null): readonly string[] {
    const labels: Set<string> = new Set();
    for (const [, entry] of this.entries()) {
      if (purpose === null || entry.purpose === purpose) labels.add(entry.label);
    }
    return [...labels].sort((a, b) => (a < b ? -1 : 1));
  }

  /** Addresses with a label. */
  scriptsOf(label: string): readonly string[] {
    return [...this.entries()].filter(([, entry]) => entry.label === label).map(([scriptHex]) => scriptHex);
  }

  restore(records: Iterable<AddressRecord>): void {
    for (const { id, label, purpose, isUsed } of records) this.#entries.set(id, { label, purpose, isUsed });
    this.#version++;
  }

  #put(scriptHex: string, entry: AddressEntry, changes: ChangeList): void {
    this.#entries.set(scriptHex, entry);
    this.#version++;
    changes.put({ kind: 'address', id: scriptHex, ...entry });
  }
}

// Addresses that everybody can see to have one owner: those that were inputs of one transaction, and its change (Core
// GetAddressGroupings).

import { toHex } from '../../kernel/util/bytes.ts';
import type { WalletBooks } from '../books/wallet-books.ts';

/** The scripts of each group, hexadecimal; every own address that was paid to is in one. */
export function groupAddresses({ view, history }: WalletBooks): readonly (readonly string[])[] {
  const groups = new Groups();
  for (const subject of view.ordered) {
    const { transaction } = subject;
    const together = view.spentBy(subject).flatMap((spent) => (spent === null ? [] : [spent.scriptHex]));
    if (together.length > 0) {
      for (let j = 0; j < transaction.outputCount; j++) {
        const script = transaction.scriptPubKey(j);
        if (history.isChange(script)) together.push(toHex(script));
      }
      groups.join(together);
    }
    for (const { scriptHex } of view.ownOutputsOf(subject)) groups.join([scriptHex]);
  }
  return groups.list();
}

/** Sets that grow together. */
class Groups {
  readonly #groupOf: Map<string, Set<string>> = new Map();

  join(members: readonly string[]): void {
    let group: Set<string> = new Set(members);
    for (const member of members) {
      const other = this.#groupOf.get(member);
      if (other === undefined || other === group) continue;
      // The smaller goes into the larger, so that no member moves often.
      const [small, large] = other.size < group.size ? [other, group] : [group, other];
      for (const one of small) large.add(one);
      for (const one of small) this.#groupOf.set(one, large);
      group = large;
    }
    for (const member of members) this.#groupOf.set(member, group);
  }

  list(): readonly (readonly string[])[] {
    return [...new Set(this.#groupOf.values())].map((group) => [...group].sort((a, b) => (a < b ? -1 : 1)));
  }
}

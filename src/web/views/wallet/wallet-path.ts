// Names of wallets in addresses of the page. A name may be empty, begin with a point, or be that of a page beside the wallets: such
// names get a tilde in front, and so do those that have one.

/** What stands in place of a wallet's name for pages that are no wallet's. */
export const NEW_WALLET_PATH = '~new';
export const RESTORE_WALLET_PATH = '~restore';

const NEEDS_MARK = /^(?:$|[~.])/;

/** The part of an address that stands for a wallet. */
export function formatWalletPart(name: string): string {
  return NEEDS_MARK.test(name) ? `~${name}` : name;
}

/** The wallet that a part of an address stands for. */
export function parseWalletPart(part: string): string {
  return part.startsWith('~') ? part.slice(1) : part;
}

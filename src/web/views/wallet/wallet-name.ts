// What a wallet may be called: what makes a good folder on every machine.

const NAME_LETTERS_MAX = 64;

/** Slashes, points at the beginning, and what no folder may have on one machine or the other. */
const BAD_NAME = /^[.\s]|[\s.]$|[/\\:*?"<>|\p{Cc}\p{Cf}\u2028\u2029]/u;

/** Whether a new wallet may have a name. */
export function isGoodWalletName(name: string): boolean {
  return name !== '' && [...name].length <= NAME_LETTERS_MAX && !BAD_NAME.test(name);
}

// A stored record that says what cannot be: thrown while a wallet is opened. The store has checked sums and shapes before, so this is a
// file of another program, or a mistake of this one.

/** A record of the books that cannot be read. */
export class BookRecordError extends Error {
  override readonly name = 'BookRecordError';
  readonly kind: string;
  /** What is wrong with it, or its name. */
  readonly what: string;

  constructor(kind: string, what: string) {
    super(`the wallet holds a ${kind} that cannot be read: ${what}`);
    this.kind = kind;
    this.what = what;
  }
}

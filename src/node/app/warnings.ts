// Warnings that stand for as long as their reason does, and that every method of information shows (Core node::Warnings). One
// of each kind; whoever wants to be told when one begins gives a function.

/** What a warning is about (Core kernel::Warning). */
export type WarningKind = 'unknown-rules' | 'large-invalid-chain';

/** The order in which they are shown. */
const KINDS: readonly WarningKind[] = ['unknown-rules', 'large-invalid-chain'];

/** The warnings of a program. */
export class Warnings {
  readonly #texts: Map<WarningKind, string> = new Map();
  readonly #onSet: (text: string) => void;

  /** `onSet` is told of every warning that begins. */
  constructor(onSet: (text: string) => void = () => {}) {
    this.#onSet = onSet;
  }

  /** Sets a warning; one of the same kind stays as it is. */
  set(kind: WarningKind, text: string): void {
    if (this.#texts.has(kind)) return;
    this.#texts.set(kind, text);
    this.#onSet(text);
  }

  /** Its reason is gone. */
  unset(kind: WarningKind): void {
    this.#texts.delete(kind);
  }

  /** What stands now. */
  get texts(): readonly string[] {
    return KINDS.flatMap((kind) => this.#texts.get(kind) ?? []);
  }
}

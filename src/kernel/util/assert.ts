// Broken invariants of our own. An AssertionError means a bug here, never bad outside data: nothing below the
// composition root catches it, and the node stops (DESIGN section 6).

/** A broken invariant: a bug in this program, never a fault of outside data. */
export class AssertionError extends Error {
  override readonly name = 'AssertionError';
}

/** Stops with {@link AssertionError} unless `condition` holds. `message` says what was expected. */
export function assert(condition: boolean, message: string): asserts condition {
  if (!condition) throw new AssertionError(message);
}

/** The end of an exhaustive `switch`: does not compile while a case is missing. */
export function unreachable(value: never): never {
  throw new AssertionError(`unreachable: ${String(value)}`);
}

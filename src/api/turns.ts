// Long work in methods, in turns: it asks now and then whether the host should have its turn, so that nobody waits long for a call of
// another (nothing holds the loop for more than 50 ms).

import type { RpcContext } from './context.ts';

/** Work at a stretch. */
const SLICE_MS = 10;

/** Watches how long a method has worked without a pause. */
export class Turns {
  readonly #context: Pick<RpcContext, 'host' | 'timers'>;
  #startMs: number;

  constructor(context: Pick<RpcContext, 'host' | 'timers'>) {
    this.#context = context;
    this.#startMs = context.host.hostMs();
  }

  /** True when it is time for a pause. */
  get isDue(): boolean {
    return this.#context.host.hostMs() - this.#startMs >= SLICE_MS;
  }

  /** Gives the host its turn. */
  async pause(): Promise<void> {
    await this.#context.timers.yieldToHost();
    this.#startMs = this.#context.host.hostMs();
  }
}

/** Makes something of each item, in as many turns as it takes. */
export async function mapInTurns<T, U>(
  context: Pick<RpcContext, 'host' | 'timers'>,
  items: Iterable<T>,
  map: (item: T) => U,
): Promise<U[]> {
  const turns = new Turns(context);
  const made: U[] = [];
  for (const item of items) {
    made.push(map(item));
    if (turns.isDue) await turns.pause();
  }
  return made;
}

/** Runs work that is cut into steps, in as many turns as it takes. */
export async function runSteps<T>(
  context: Pick<RpcContext, 'host' | 'timers'>,
  steps: Generator<undefined, T, void>,
): Promise<T> {
  return runInTurns(new Turns(context), steps);
}

/** The same for a part of longer work, whose turns go on. */
export async function runInTurns<T>(turns: Turns, steps: Generator<undefined, T, void>): Promise<T> {
  for (;;) {
    const step = steps.next();
    if (step.done === true) return step.value;
    if (turns.isDue) await turns.pause();
  }
}

// The timers of a simulated machine (Timers of node/ports.ts): events of the world. Real timers are late and coarse; here they ring
// on a grid of the machine's own, which also keeps long runs short, and the turn of the host costs a little time.

import type { Unsubscribe } from '../kernel/util/signal.ts';
import type { Timers } from '../node/ports.ts';
import type { MachineLife } from './machine.ts';

/** How coarse the timers of a machine are. */
export interface TimerOptions {
  /** Timers ring at multiples of this, never early. */
  readonly granularityMs: number;
  /** What one turn of the host costs in virtual time. */
  readonly turnMs: number;
}

/** Timers over the events of a world; those of a machine that is off never ring. */
export class SimTimers implements Timers {
  readonly #life: MachineLife;
  readonly #options: TimerOptions;
  #pendingCount = 0;

  constructor(life: MachineLife, options: TimerOptions) {
    this.#life = life;
    this.#options = options;
  }

  /** Timers that were set and have neither rung nor been cancelled. */
  get pendingCount(): number {
    return this.#pendingCount;
  }

  after(delayMs: number, run: () => void): Unsubscribe {
    const { granularityMs } = this.#options;
    const nowMs = this.#life.world.nowMs;
    const wantedMs = nowMs + Math.max(0, delayMs);
    let isPending = true;
    const settle = (): void => {
      if (isPending) this.#pendingCount--;
      isPending = false;
    };
    this.#pendingCount++;
    const cancel = this.#life.after(Math.ceil(wantedMs / granularityMs) * granularityMs - nowMs, 'timer', () => {
      settle();
      run();
    });
    return () => {
      settle();
      cancel();
    };
  }

  yieldToHost(): Promise<void> {
    return this.#life.delay(this.#options.turnMs, 'turn');
  }
}

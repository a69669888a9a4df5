// One life of a machine of the world, from its start to its end. Everything that a program on it has asked for dies with it: its
// timers never ring, its disk never answers, its connections are silent. A program that still holds such a promise waits for ever
// and is forgotten, which is what happens to a process that is killed.

import type { Cancel, World } from './world.ts';

/** From power on to power off. */
export class MachineLife {
  readonly world: World;
  /** Number of the machine, for the trace. */
  readonly owner: number;
  #isOver = false;

  constructor(world: World, owner: number) {
    this.world = world;
    this.owner = owner;
  }

  get isOver(): boolean {
    return this.#isOver;
  }

  end(): void {
    this.#isOver = true;
  }

  /** {@link World.after}, unless the machine is off by then. */
  after(delayMs: number, label: string, run: () => void): Cancel {
    return this.world.after(delayMs, label, this.owner, () => {
      if (!this.#isOver) run();
    });
  }

  /** Resolves later, or never when the machine is off by then. */
  delay(delayMs: number, label: string): Promise<void> {
    return new Promise((resolve) => {
      this.after(delayMs, label, resolve);
    });
  }
}

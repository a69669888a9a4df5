// Time of this machine: the Clock and Timers ports of the node.

import { performance } from 'node:perf_hooks';
import type { Unsubscribe } from '../../kernel/util/signal.ts';
import type { Clock, Timers } from '../../node/ports.ts';
import { yieldToHost } from './host-turns.ts';

/** The clocks of the system. */
export const hostClock: Clock = Object.freeze({
  wallMs: () => Date.now(),
  monotonicMs: () => performance.now(),
});

/** A platform timer counts 31 bits of milliseconds; longer waits are waited in pieces. */
const TIMER_MAX_MS: number = 2 ** 31 - 1;

/** Timers of the system. They keep the program alive while they run. */
export const hostTimers: Timers = Object.freeze({
  after(delayMs: number, run: () => void): Unsubscribe {
    let timer: NodeJS.Timeout;
    const wait = (leftMs: number): void => {
      const isLast = leftMs <= TIMER_MAX_MS;
      timer = setTimeout(() => (isLast ? run() : wait(leftMs - TIMER_MAX_MS)), Math.min(leftMs, TIMER_MAX_MS));
    };
    wait(Math.max(0, delayMs));
    return () => clearTimeout(timer);
  },
  yieldToHost,
});

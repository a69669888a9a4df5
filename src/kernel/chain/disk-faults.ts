// Faults for MemoryDisk, ready-made: what tests and simulations inject. Each is a function from an operation to what goes wrong
// with it; several are combined with firstFault.

import type { Rng } from '../util/prng.ts';
import type { DiskFault, DiskOperationKind, FaultInjector } from './memory-disk.ts';
import type { StorageErrorCode } from './ports.ts';

/** The first of several faults that applies. */
export function firstFault(...injectors: readonly FaultInjector[]): FaultInjector {
  return (operation) => {
    for (const inject of injectors) {
      const fault = inject(operation);
      if (fault !== null) return fault;
    }
    return null;
  };
}

/**
 * The process dies at change `change` of the disk: that one is not done, or, when it is a write and `rng` is given, a part of it
 * is; every later operation fails. What the disk then looks like, MemoryDisk.kill and MemoryDisk.crash tell.
 */
export function stopAtChange(change: number, rng: Rng | null = null): FaultInjector {
  let isDead = false;
  return (operation) => {
    if (isDead) return { kind: 'fail', code: 'failed', message: 'the process has ended' };
    if (operation.change !== change) return null;
    isDead = true;
    if (operation.kind === 'write' && rng !== null) {
      const length = rng.below(operation.length + 1);
      return { kind: 'cut', length, code: 'failed', message: 'the process ended within a write' };
    }
    return { kind: 'fail', code: 'failed', message: 'the process has ended' };
  };
}

/** The `nth` operation of a kind (from 1) fails once; an input/output error unless said otherwise. */
export function failOnce(
  kind: DiskOperationKind,
  nth: number,
  code: StorageErrorCode = 'failed',
  message = 'input/output error',
): FaultInjector {
  return onceAt(kind, nth, () => ({ kind: 'fail', code, message }));
}

/** The device is full after so many more bytes: the write that passes them is cut, and all that follow fail. */
export function diskFullAfter(bytes: number): FaultInjector {
  let left = bytes;
  return (operation) => {
    if (operation.kind !== 'write' && operation.kind !== 'create') return null;
    if (operation.kind === 'create') return left > 0 ? null : FULL;
    if (operation.length <= left) {
      left -= operation.length;
      return null;
    }
    const length = left;
    left = 0;
    return { ...FULL, kind: 'cut', length };
  };
}

const FULL = { kind: 'fail', code: 'disk-full', message: 'no space left on device' } as const;

/** The `nth` read gives other bytes than are on the disk. */
export function alterRead(nth: number, alter: (bytes: Uint8Array) => void): FaultInjector {
  return onceAt('read', nth, () => ({ kind: 'alter', alter }));
}

/** The `nth` read finds only `length` bytes. */
export function shortRead(nth: number, length: number): FaultInjector {
  return onceAt('read', nth, () => ({ kind: 'cut', length, code: 'corrupt', message: 'short read' }));
}

/** The `nth` sync of a file fails, and what it should have written is lost though a later sync succeeds. */
export function forgetSync(nth: number): FaultInjector {
  return onceAt('sync', nth, () => ({ kind: 'forget', message: 'input/output error' }));
}

function onceAt(kind: DiskOperationKind, nth: number, fault: () => DiskFault): FaultInjector {
  let count = 0;
  return (operation) => (operation.kind === kind && ++count === nth ? fault() : null);
}

// The disk of a simulated machine, which outlives the machine's lives: a MemoryDisk with virtual time, faults drawn from the seed,
// and death in the middle of a write. What a program asks of it takes a while, so that other things happen in between; a program
// whose machine is off waits for ever.

import type { DiskFault, DiskOperation } from '../kernel/chain/memory-disk.ts';
import { MemoryDisk } from '../kernel/chain/memory-disk.ts';
import { MemoryFolder } from '../kernel/chain/memory-folder.ts';
import type { FileHandle, Folder } from '../kernel/chain/ports.ts';
import type { Rng } from '../kernel/util/prng.ts';
import { drawBetween } from './chance.ts';
import type { MachineLife } from './machine.ts';

/** How long a disk takes; nothing takes no time and no turn of the queue. */
export interface DiskTimes {
  readonly accessMaxMs: number;
  readonly syncMaxMs: number;
}

/** How often a disk fails: one operation of its kind in so many, 0 for never. */
export interface DiskFaultRates {
  /** Reads, writes and syncs that fail and have done nothing. */
  readonly failOneIn: number;
  /** Syncs that fail and forget what they should have written. */
  readonly forgetSyncOneIn: number;
  /** Changes in which the machine dies: a write is done in part or not at all. */
  readonly dieOneIn: number;
  /** Writes that find the disk full; it stays so until the machine is off. */
  readonly fullOneIn: number;
}

/** A disk without faults. */
export const NO_DISK_FAULTS: DiskFaultRates = Object.freeze({
  failOneIn: 0,
  forgetSyncOneIn: 0,
  dieOneIn: 0,
  fullOneIn: 0,
});

const DEAD = { kind: 'fail', code: 'failed', message: 'the machine is off' } as const;
const FULL = { kind: 'fail', code: 'disk-full', message: 'no space left on device' } as const;

/** A disk that is taken from one life of a machine to the next. */
export class SimDisk {
  rates: DiskFaultRates = NO_DISK_FAULTS;
  /** Called when a fault says that the machine dies in the middle of a change. */
  onDeath: (() => void) | null = null;
  readonly #rng: Rng;
  #disk: MemoryDisk;
  #isDead = false;
  #isFull = false;
  #hasForgotten = false;
  #faultCount = 0;

  constructor(rng: Rng, disk: MemoryDisk = new MemoryDisk()) {
    this.#rng = rng;
    this.#disk = disk;
    this.#arm();
  }

  /** Faults so far, deaths not counted. */
  get faultCount(): number {
    return this.#faultCount;
  }

  /** The disk as it is, for looking at. */
  get memory(): MemoryDisk {
    return this.#disk;
  }

  /** A folder for one life of the machine. */
  folder(path: string, life: MachineLife, times: DiskTimes): Folder {
    const folder = new MemoryFolder(path, this.#disk);
    return new SimFolder(folder, life, { ...times, rng: this.#rng });
  }

  /**
   * The process has ended, the system goes on: everything that was written is there. Not so after a sync that failed and forgot:
   * what the system shows then is not what the disk has, no program can help it, and so the machine is started anew.
   */
  kill(): void {
    this.#replace(this.#hasForgotten ? this.#disk.crash(this.#rng) : this.#disk.kill());
  }

  /** The power has failed: what was not synced is there, or torn, or not. */
  cutPower(): void {
    this.#replace(this.#disk.crash(this.#rng));
  }

  /** A new and empty disk in place of a bad one. */
  wipe(): void {
    this.#replace(new MemoryDisk());
  }

  #replace(disk: MemoryDisk): void {
    this.#disk = disk;
    this.#isDead = false;
    this.#isFull = false;
    this.#hasForgotten = false;
    this.#arm();
  }

  #arm(): void {
    this.#disk.inject = (operation) => this.#fault(operation);
  }

  #fault(operation: DiskOperation): DiskFault | null {
    if (this.#isDead) return DEAD;
    const { kind } = operation;
    const isWrite = kind === 'write' || kind === 'create';
    if (operation.change > 0 && this.#hits(this.rates.dieOneIn)) return this.#die(operation);
    if (isWrite && (this.#isFull || this.#hits(this.rates.fullOneIn))) return this.#fill();
    if (kind === 'sync' && this.#hits(this.rates.forgetSyncOneIn)) {
      this.#faultCount++;
      this.#hasForgotten = true;
      return { kind: 'forget', message: 'input/output error' };
    }
    if ((kind === 'read' || kind === 'write' || kind === 'sync') && this.#hits(this.rates.failOneIn)) {
      this.#faultCount++;
      return { kind: 'fail', code: 'failed', message: 'input/output error' };
    }
    return null;
  }

  #hits(oneIn: number): boolean {
    return oneIn > 0 && this.#rng.below(oneIn) === 0;
  }

  #fill(): DiskFault {
    if (!this.#isFull) this.#faultCount++;
    this.#isFull = true;
    return FULL;
  }

  #die(operation: DiskOperation): DiskFault {
    this.#isDead = true;
    this.onDeath?.();
    if (operation.kind !== 'write') return DEAD;
    return { ...DEAD, kind: 'cut', length: this.#rng.below(operation.length + 1) };
  }
}

interface SlowTimes extends DiskTimes {
  readonly rng: Rng;
}

/** Waits as long as the disk takes, or for ever when the machine is off. */
async function waitForDisk(life: MachineLife, maxMs: number, rng: Rng): Promise<void> {
  if (maxMs > 0) await life.delay(drawBetween(rng, 0, maxMs), 'disk');
  else if (life.isOver) await new Promise<never>(() => {});
}

class SimFolder implements Folder {
  readonly path: string;
  readonly #folder: Folder;
  readonly #life: MachineLife;
  readonly #times: SlowTimes;

  constructor(folder: Folder, life: MachineLife, times: SlowTimes) {
    this.path = folder.path;
    this.#folder = folder;
    this.#life = life;
    this.#times = times;
  }

  async list(): Promise<readonly string[]> {
    await this.#access();
    return this.#folder.list();
  }

  async open(name: string, mode: 'read' | 'write' | 'create'): Promise<FileHandle> {
    await this.#access();
    return new SimFile(await this.#folder.open(name, mode), this.#life, this.#times);
  }

  async exists(name: string): Promise<boolean> {
    await this.#access();
    return this.#folder.exists(name);
  }

  async remove(name: string): Promise<void> {
    await this.#access();
    await this.#folder.remove(name);
  }

  async rename(from: string, to: string): Promise<void> {
    await this.#access();
    await this.#folder.rename(from, to);
  }

  async sync(): Promise<void> {
    await waitForDisk(this.#life, this.#times.syncMaxMs, this.#times.rng);
    await this.#folder.sync();
  }

  async modifiedSec(name: string): Promise<number | null> {
    return this.#folder.modifiedSec(name);
  }

  async freeBytes(): Promise<number | null> {
    return this.#folder.freeBytes();
  }

  #access(): Promise<void> {
    return waitForDisk(this.#life, this.#times.accessMaxMs, this.#times.rng);
  }
}

class SimFile implements FileHandle {
  readonly #file: FileHandle;
  readonly #life: MachineLife;
  readonly #times: SlowTimes;

  constructor(file: FileHandle, life: MachineLife, times: SlowTimes) {
    this.#file = file;
    this.#life = life;
    this.#times = times;
  }

  async read(position: number, length: number): Promise<Uint8Array> {
    await this.#access();
    return this.#file.read(position, length);
  }

  async write(position: number, bytes: Uint8Array): Promise<void> {
    await this.#access();
    await this.#file.write(position, bytes);
  }

  async size(): Promise<number> {
    return this.#file.size();
  }

  async truncate(length: number): Promise<void> {
    await this.#access();
    await this.#file.truncate(length);
  }

  async sync(): Promise<void> {
    await waitForDisk(this.#life, this.#times.syncMaxMs, this.#times.rng);
    await this.#file.sync();
  }

  async close(): Promise<void> {
    await this.#file.close();
  }

  #access(): Promise<void> {
    return waitForDisk(this.#life, this.#times.accessMaxMs, this.#times.rng);
  }
}

// The doors of the chain to the outside: a key-value store, a folder of files, a verifier of scripts. Everything that waits or
// fails for reasons of its own is behind one of them. The kernel ships an implementation in memory of each (memory-kv.ts,
// memory-folder.ts, inline-verifier.ts), and test/compliance holds every implementation to the same suite.
//
// Failures of a port are operating failures, never verdicts: they are thrown as StorageError (or whatever the verifier threw),
// pass through the chain unchanged, and stop it in order. No block is invalid because a disk was full (C36).

import type { ConnectedBlock } from '../consensus/connect-block.ts';
import type { ScriptFailure } from '../consensus/script-job.ts';
import type { Block } from '../primitives/block.ts';
import type { BlockHash } from '../primitives/hashes.ts';

/** What went wrong with storage, so that a person can be told what to do. */
export type StorageErrorCode =
  /** No space left on the device. */
  | 'disk-full'
  /** The file or folder may not be written. */
  | 'read-only'
  /** Another process has the folder. */
  | 'locked'
  /** Bytes that were written are not there or not what they were. */
  | 'corrupt'
  /** Written by a later version, by other software, or for another network. */
  | 'incompatible'
  /** Anything else that the system reported. */
  | 'failed';

/** An operating failure of storage. `path` is the file or folder concerned, as the platform names it. */
export class StorageError extends Error {
  override readonly name = 'StorageError';
  readonly code: StorageErrorCode;
  readonly path: string;

  constructor(code: StorageErrorCode, path: string, message: string, options?: { readonly cause?: unknown }) {
    super(message, options);
    this.code = code;
    this.path = path;
  }
}

/**
 * Changes to a key-value store that happen together. A key that is both deleted and put is there. The arrays belong to the store
 * once handed over.
 */
export interface KvBatch {
  /** Keys and values to put, alternating: key, value, key, value … */
  readonly puts: readonly Uint8Array[];
  readonly deletes: readonly Uint8Array[];
}

/** An ordered key-value store. Keys are ordered bytewise. */
export interface KvStore {
  /** The value of a key, or undefined. */
  get(key: Uint8Array): Promise<Uint8Array | undefined>;
  /** The values of many keys in one wait, in the order of the keys. */
  getMany(keys: readonly Uint8Array[]): Promise<readonly (Uint8Array | undefined)[]>;
  /**
   * Makes all changes of a batch or none. With `durable` they have survived a power cut when the promise resolves; without, they
   * survive the end of the process, and a power cut may take a batch and all later ones, but never an earlier one alone.
   */
  write(batch: KvBatch, durable: boolean): Promise<void>;
  /** Entries whose keys begin with `prefix`, in order, in chunks. Sees the store as it is when the walk begins. */
  entries(prefix: Uint8Array): AsyncIterable<readonly (readonly [key: Uint8Array, value: Uint8Array])[]>;
  /**
   * Looks at everything that is stored and throws `corrupt` when some of it is not what was written. May take long, and is for
   * moments when a verdict hangs on it (S07).
   */
  verify(): Promise<void>;
  close(): Promise<void>;
}

/** An open file. Positions and lengths are numbers up to 2^53: a file may be larger than 2^32 bytes (S15). */
export interface FileHandle {
  /**
   * Exactly `length` bytes at `position`, in memory that threads may share where the platform has such, and that the caller may
   * write into; fails with `corrupt` when cut short.
   */
  read(position: number, length: number): Promise<Uint8Array>;
  /** Writes all bytes at `position`, growing the file if need be. */
  write(position: number, bytes: Uint8Array): Promise<void>;
  size(): Promise<number>;
  truncate(length: number): Promise<void>;
  /** What was written has survived a power cut when the promise resolves; the file's name needs {@link Folder.sync}. */
  sync(): Promise<void>;
  close(): Promise<void>;
}

/** A folder of files, without subfolders. Names are plain ASCII file names. */
export interface Folder {
  /** The path as people know it, for messages. */
  readonly path: string;
  list(): Promise<readonly string[]>;
  /** Opens a file; `create` makes an empty one where there is none, otherwise that fails. */
  open(name: string, mode: 'read' | 'write' | 'create'): Promise<FileHandle>;
  exists(name: string): Promise<boolean>;
  remove(name: string): Promise<void>;
  /** Gives a file another name, in place of what may have that name: at no instant is there neither. */
  rename(from: string, to: string): Promise<void>;
  /** New, removed and renamed files of the folder have survived a power cut when the promise resolves. */
  sync(): Promise<void>;
  /** When a file was written last, in seconds since 1970; null when the platform does not tell. */
  modifiedSec(name: string): Promise<number | null>;
  /** Bytes left on the device, or null when the platform does not tell. */
  freeBytes(): Promise<number | null>;
}

/** Where the coins of a snapshot are kept beside those of the chain, until they are verified. There is room for one snapshot. */
export interface SnapshotStorage {
  /** The block whose coins are stored; null: there are none, or they were never finished. */
  readBase(): Promise<BlockHash | null>;
  /** Opens the coins; where there are none, an empty store. It stays open until one of the calls below closes it. */
  open(): Promise<KvStore>;
  /** Notes that the coins are whole, and of which block; it has survived a power cut when the promise resolves. */
  writeBase(base: BlockHash): Promise<void>;
  /** Takes coins and note away; nothing happens when there are none. */
  remove(): Promise<void>;
  /** Puts coins and note where nobody looks for them again but people. The result is the place as people know it. */
  setAside(): Promise<string>;
  close(): Promise<void>;
}

/** A connected block whose scripts wait for their verdict. */
export interface ScriptBatch {
  readonly block: Block;
  readonly connected: ConnectedBlock;
  /** By position in the block: 1 for transactions whose scripts are known to succeed. Absent: none is. */
  readonly knownGood?: Uint8Array;
}

/** Why a verifier of scripts has judged nothing. */
export type VerifierErrorCode =
  /** It was closed before the batch was judged. */
  | 'closed'
  /** A thread ended, threw or ran out of memory. */
  | 'thread-failed';

/** An operating failure of a {@link ScriptVerifier}. */
export class VerifierError extends Error {
  override readonly name = 'VerifierError';
  readonly code: VerifierErrorCode;

  constructor(code: VerifierErrorCode, message: string, options?: { readonly cause?: unknown }) {
    super(message, options);
    this.code = code;
  }
}

/** Verifies scripts: on this thread, or on many. */
export interface ScriptVerifier {
  /**
   * Null when every job of the block succeeds under its flags, else the first failure in block order. Several batches may be under
   * way at once. A verifier that fails itself (a worker died, memory ran out) rejects; that is no verdict on the block.
   */
  verify(batch: ScriptBatch): Promise<ScriptFailure | null>;
  close(): Promise<void>;
}

// Ports with an error in them: what mutants.ts builds into nodes. Each wraps a good port and gets one thing wrong.

import { COIN_PREFIX } from '../kernel/chain/layout.ts';
import type { FileHandle, Folder, KvBatch, KvStore, ScriptVerifier } from '../kernel/chain/ports.ts';
import { ByteReader } from '../kernel/encoding/reader.ts';
import { readVarint, varintLength, writeVarintAt } from '../kernel/encoding/varint.ts';
import { concatBytes, toHex } from '../kernel/util/bytes.ts';
import type { Rng } from '../kernel/util/prng.ts';
import type { MempoolService } from '../node/app/mempool-service.ts';
import type { Connection, ConnectionHandler, Network } from '../node/ports.ts';
import { FrameReader, frame, readInventory } from './adversary/raw-wire.ts';

/** A store whose durable batches are not. */
export function forgetDurability(store: KvStore): KvStore {
  return { ...bind(store), write: (batch) => store.write(batch, false) };
}

/** A store that does not delete one key in so many. */
export function forgetDeletes(store: KvStore, oneIn: number, rng: Rng): KvStore {
  const spoil = ({ puts, deletes }: KvBatch): KvBatch => ({
    puts,
    deletes: deletes.filter(() => rng.below(oneIn) > 0),
  });
  return { ...bind(store), write: (batch, durable) => store.write(spoil(batch), durable) };
}

/** A store in which one read in so many fails, whose caller takes the failure for "there is none". */
export function takeErrorsForAbsence(store: KvStore, oneIn: number, rng: Rng): KvStore {
  return {
    ...bind(store),
    getMany: async (keys) => {
      const values = await store.getMany(keys);
      return rng.below(oneIn) === 0 ? values.map(() => undefined) : values;
    },
  };
}

/** A store that gives coins of coinbases as one block older than they are: they mature too early. */
export function ageCoinbases(store: KvStore): KvStore {
  return {
    ...bind(store),
    getMany: async (keys) => {
      const values = await store.getMany(keys);
      return values.map((value, i) =>
        value !== undefined && keys[i]![0] === COIN_PREFIX[0] ? olderCoin(value) : value,
      );
    },
  };
}

function olderCoin(value: Uint8Array): Uint8Array {
  const code = readVarint(new ByteReader(value), 'code');
  if (code % 2 === 0 || code < 4) return value;
  const head = new Uint8Array(varintLength(code - 2));
  writeVarintAt(head, 0, code - 2);
  return concatBytes(head, value.subarray(varintLength(code)));
}

function bind(store: KvStore): KvStore {
  return {
    get: (key) => store.get(key),
    getMany: (keys) => store.getMany(keys),
    write: (batch, durable) => store.write(batch, durable),
    entries: (prefix) => store.entries(prefix),
    verify: () => store.verify(),
    close: () => store.close(),
  };
}

/** What is different about a folder. */
export interface FolderErrors {
  /** New names are not made durable. */
  readonly skipsFolderSync?: boolean;
  /** Files for which this is true are not made durable. */
  readonly skipsSync?: (name: string) => boolean;
  /** Writes that are lost without a word. */
  readonly losesWrite?: (name: string) => boolean;
}

/** A folder with errors. */
export function spoilFolder(folder: Folder, errors: FolderErrors): Folder {
  return {
    path: folder.path,
    list: () => folder.list(),
    open: async (name, mode) => spoilFile(await folder.open(name, mode), name, errors),
    exists: (name) => folder.exists(name),
    remove: (name) => folder.remove(name),
    rename: (from, to) => folder.rename(from, to),
    sync: async () => {
      if (errors.skipsFolderSync !== true) await folder.sync();
    },
    modifiedSec: (name) => folder.modifiedSec(name),
    freeBytes: () => folder.freeBytes(),
  };
}

function spoilFile(file: FileHandle, name: string, errors: FolderErrors): FileHandle {
  return {
    read: (position, length) => file.read(position, length),
    write: async (position, bytes) => {
      const isLost = errors.losesWrite?.(name) === true;
      await file.write(position, isLost ? new Uint8Array(bytes.length) : bytes);
    },
    size: () => file.size(),
    truncate: (length) => file.truncate(length),
    sync: async () => {
      if (errors.skipsSync?.(name) !== true) await file.sync();
    },
    close: () => file.close(),
  };
}

/** A verifier one of whose threads dies in one batch of so many, whose caller takes that for a verdict. */
export function takeDeathForVerdict(verifier: ScriptVerifier, oneIn: number, rng: Rng): ScriptVerifier {
  return {
    verify: async (batch) => {
      const verdict = await verifier.verify(batch);
      if (batch.connected.scriptJobs.length === 0 || rng.below(oneIn) > 0) return verdict;
      return { txIndex: batch.connected.scriptJobs[0]!.txIndex, inputIndex: 0, error: 'UNKNOWN_ERROR' };
    },
    close: () => verifier.close(),
  };
}

/** What stands between a node and its connections. */
export interface Tap {
  /** A message that the node sends; false swallows it. Payloads may be changed in place. */
  readonly onSend?: (command: string, payload: Uint8Array) => boolean;
  /** A message that the node gets. */
  readonly onReceive?: (command: string, payload: Uint8Array) => void;
}

/** A network with a tap on every connection. */
export function tapNetwork(network: Network, magic: Uint8Array, tap: Tap): Network {
  return {
    dial: async (remote, timeoutMs) => tapConnection(await network.dial(remote, timeoutMs), magic, tap),
    listen: (local, onConnection) =>
      network.listen(local, (connection) => onConnection(tapConnection(connection, magic, tap))),
    resolve: (host) => network.resolve(host),
    localHosts: () => network.localHosts(),
  };
}

function tapConnection(connection: Connection, magic: Uint8Array, { onSend, onReceive }: Tap): Connection {
  const sent = new FrameReader();
  const received = new FrameReader();
  return {
    remote: connection.remote,
    local: connection.local,
    get queuedBytes(): number {
      return connection.queuedBytes;
    },
    start: (handler: ConnectionHandler) =>
      connection.start({
        onBytes: (bytes) => {
          for (const { command, payload } of received.read(bytes)) onReceive?.(command, payload);
          handler.onBytes(bytes);
        },
        onSent: () => handler.onSent(),
        onClosed: (reason) => handler.onClosed(reason),
      }),
    send: (bytes) => {
      if (onSend === undefined) {
        connection.send(bytes);
        return;
      }
      for (const { command, payload } of sent.read(bytes)) {
        const copy = payload.slice();
        if (onSend(command, copy)) connection.send(frame(magic, command, copy));
      }
    },
    setReading: (isReading) => connection.setReading(isReading),
    close: () => connection.close(),
  };
}

/** Swallows every request that names something of these kinds that was asked for before, by anyone. */
export function swallowRepeats(kinds: readonly number[]): Tap {
  const asked = new Set<string>();
  return {
    onSend: (command, payload) => {
      if (command !== 'getdata') return true;
      const names = readInventory(payload)
        .filter(({ kind }) => kinds.includes(kind))
        .map(({ hash }) => toHex(hash));
      const isRepeat = names.some((name) => asked.has(name));
      for (const name of names) asked.add(name);
      return !isRepeat;
    },
  };
}

/** A mempool that a reorganisation takes nothing out of. */
export function keepAfterReorg(service: MempoolService): MempoolService {
  service.mempool.removeForReorg = () => [];
  return service;
}

/** A mempool that gives up at once what comes back to it. */
export function loseAfterReorg(service: MempoolService): MempoolService {
  const { mempool } = service;
  const link = mempool.linkChildren.bind(mempool);
  mempool.linkChildren = (returned) => {
    link(returned);
    for (const entry of returned) if (mempool.contains(entry)) mempool.removeRecursive(entry, 'reorg');
    return [];
  };
  return service;
}

/** A mempool that does not see which of its payments spend the money of those that come back. */
export function leaveChildrenUnlinked(service: MempoolService): MempoolService {
  service.mempool.linkChildren = () => [];
  return service;
}

// The rules of src/node/p2p/tx-request.ts over a plain list, for its test: no index, no states that follow from others, every
// question answered by going through everything. Only the order among peers is taken from the tracker, since it is drawn by lot.

import { toHex } from '../../src/kernel/util/bytes.ts';
import type { PeerId } from '../../src/node/p2p/peer-id.ts';
import type { GenTxid } from '../../src/node/p2p/tx-announcement.ts';
import type { RequestTerms } from '../../src/node/p2p/tx-request.ts';

interface Announcement {
  readonly peer: PeerId;
  readonly hashHex: string;
  readonly isWtxid: boolean;
  readonly priority: number;
  readonly atMs: number;
  state: 'candidate' | 'requested' | 'failed';
  /** Its time came at some moment when the tracker was asked. */
  isDue: boolean;
  untilMs: number;
}

/** A name as text, to be compared. */
export function nameOf({ hash, isWtxid }: GenTxid): string {
  return `${isWtxid ? 'wtx' : 'tx'} ${toHex(hash)}`;
}

/** Gives the same answers as a TxRequestTracker. */
export class NaiveTxRequest {
  #all: Announcement[] = [];

  get size(): number {
    return this.#all.length;
  }

  count(peer: PeerId, state: Announcement['state'] | null): number {
    return this.#all.filter((one) => one.peer === peer && (state === null || one.state === state)).length;
  }

  candidatePeers(hash: Uint8Array): PeerId[] {
    return this.#of(hash).flatMap(({ peer, state }) => (state === 'failed' ? [] : [peer]));
  }

  announced(peer: PeerId, id: GenTxid, { atMs }: RequestTerms, priority: number): void {
    if (this.#find(peer, id.hash) !== undefined) return;
    const { isWtxid } = id;
    const fresh = { state: 'candidate', isDue: false, untilMs: 0 } as const;
    this.#all.push({ peer, hashHex: toHex(id.hash), isWtxid, priority, atMs, ...fresh });
  }

  peerLeft(peer: PeerId): void {
    this.#all = this.#all.filter((one) => one.peer !== peer);
    this.#forgetFailed();
  }

  forget(hash: Uint8Array): void {
    this.#all = this.#all.filter(({ hashHex }) => hashHex !== toHex(hash));
  }

  requestable(peer: PeerId, nowMs: number): { readonly names: string[]; readonly timedOut: string[] } {
    const timedOut: string[] = [];
    for (const one of this.#all) {
      if (one.state === 'candidate' && one.atMs <= nowMs) one.isDue = true;
      if (one.state !== 'requested' || one.untilMs > nowMs) continue;
      one.state = 'failed';
      timedOut.push(`${one.peer} ${this.#name(one)}`);
    }
    this.#forgetFailed();
    const names = this.#all.filter((one) => one.peer === peer && this.#isChosen(one)).map((one) => this.#name(one));
    return { names, timedOut: timedOut.sort() };
  }

  requested(peer: PeerId, hash: Uint8Array, untilMs: number): void {
    const found = this.#find(peer, hash);
    if (found?.state !== 'candidate') return;
    for (const other of this.#of(hash)) if (other.state === 'requested') other.state = 'failed';
    found.state = 'requested';
    found.untilMs = untilMs;
  }

  answered(peer: PeerId, hash: Uint8Array): void {
    const found = this.#find(peer, hash);
    if (found !== undefined) found.state = 'failed';
    this.#forgetFailed();
  }

  #isChosen(one: Announcement): boolean {
    const rivals = this.#all.filter(({ hashHex }) => hashHex === one.hashHex);
    if (one.state !== 'candidate' || !one.isDue || rivals.some(({ state }) => state === 'requested')) return false;
    return rivals.every(({ state, isDue, priority }) => state !== 'candidate' || !isDue || priority <= one.priority);
  }

  #forgetFailed(): void {
    const open = new Set(this.#all.flatMap(({ hashHex, state }) => (state === 'failed' ? [] : [hashHex])));
    this.#all = this.#all.filter(({ hashHex }) => open.has(hashHex));
  }

  #name({ hashHex, isWtxid }: Announcement): string {
    return `${isWtxid ? 'wtx' : 'tx'} ${hashHex}`;
  }

  #of(hash: Uint8Array): Announcement[] {
    return this.#all.filter(({ hashHex }) => hashHex === toHex(hash));
  }

  #find(peer: PeerId, hash: Uint8Array): Announcement | undefined {
    return this.#of(hash).find((one) => one.peer === peer);
  }
}

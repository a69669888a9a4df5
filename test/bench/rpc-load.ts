// Calls of an RPC server as fast as it answers: some clients, each with a connection that it keeps, each with one call at a time.

import { Agent, request } from 'node:http';
import { median } from './measure.ts';

/** Where to call, and as whom. */
export interface LoadTarget {
  readonly port: number;
  /** `user:password`. */
  readonly credentials: string;
}

/** What came of many calls. */
export interface LoadResult {
  readonly calls: number;
  readonly callsPerSec: number;
  readonly medianMs: number;
  readonly p99Ms: number;
  readonly bytesPerAnswer: number;
}

/** How the calls are made. */
export interface LoadOptions {
  readonly clients: number;
  /** No new call after so many milliseconds. */
  readonly durationMs: number;
  /** The body of the next call; null when there is none. */
  readonly nextBody: () => string | null;
}

/** The share of calls that are faster than {@link LoadResult.p99Ms}. */
const SLOW_SHARE = 0.99;

/** An answer that came. */
export interface HttpAnswer {
  readonly status: number;
  readonly bytes: number;
  /** The beginning of the body, for errors and small answers. */
  readonly start: string;
}

/** Of an answer so much is kept. */
const KEPT_BYTES = 4096;

/** One call. Rejects when the connection fails. */
export function post(target: LoadTarget, agent: Agent, body: string | Uint8Array): Promise<HttpAnswer> {
  const options = {
    agent,
    host: '127.0.0.1',
    port: target.port,
    method: 'POST',
    auth: target.credentials,
    headers: { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) },
  };
  return new Promise((resolve, reject) => {
    const call = request(options, (response) => {
      let bytes = 0;
      let start = '';
      response.on('data', (piece: Buffer) => {
        if (bytes < KEPT_BYTES) start += piece.toString('latin1', 0, KEPT_BYTES - bytes);
        bytes += piece.length;
      });
      response.on('error', reject);
      response.on('end', () => resolve({ status: response.statusCode ?? 0, bytes, start }));
    });
    call.on('error', reject);
    call.end(body);
  });
}

/** Makes calls for a while. Rejects when one is not answered with 200. */
export async function runLoad(target: LoadTarget, { clients, durationMs, nextBody }: LoadOptions): Promise<LoadResult> {
  const agent = new Agent({ keepAlive: true, maxSockets: clients });
  const times: number[] = [];
  let bytes = 0;
  const startMs = performance.now();
  const callOn = async (): Promise<void> => {
    while (performance.now() - startMs < durationMs) {
      const body = nextBody();
      if (body === null) return;
      const atMs = performance.now();
      const answer = await post(target, agent, body);
      if (answer.status !== 200) throw new Error(`${answer.status}: ${answer.start.slice(0, 300)}`);
      times.push(performance.now() - atMs);
      bytes += answer.bytes;
    }
  };
  try {
    await Promise.all(Array.from({ length: clients }, callOn));
  } finally {
    agent.destroy();
  }
  const sorted = times.slice().sort((a, b) => a - b);
  return {
    calls: times.length,
    callsPerSec: (1000 * times.length) / (performance.now() - startMs),
    medianMs: median(times),
    p99Ms: sorted[Math.min(sorted.length - 1, Math.floor(SLOW_SHARE * sorted.length))]!,
    bytesPerAnswer: bytes / times.length,
  };
}

// Sends a call to a node and waits for the answer (Core bitcoin-cli.cpp, CallRPC). Its errors are bitcoin-cli's, since scripts look
// for them.

import { request } from 'node:http';

/** Where a node listens, and how to be let in. */
export interface NodeDoor {
  readonly host: string;
  readonly port: number;
  /** `user:password`. */
  readonly credentials: string;
  /** What to say when they are refused. */
  readonly refusal: string;
  /** 0: as long as it takes. */
  readonly timeoutMs: number;
  /** Where calls for a certain wallet go; absent: no wallet is named. */
  readonly path?: string;
}

/** The node could not be reached, or is not ready: waiting may help. */
export class ConnectionFailedError extends Error {
  override readonly name = 'ConnectionFailedError';
}

/** The call has failed in a way that waiting does not change; the message is for the person. */
export class CallFailedError extends Error {
  override readonly name = 'CallFailedError';
}

interface HttpAnswer {
  readonly status: number;
  readonly body: string;
}

function post(door: NodeDoor, body: string): Promise<HttpAnswer> {
  const { host, port, credentials, timeoutMs, path = '/' } = door;
  return new Promise((resolve, reject) => {
    const bytes = Buffer.from(body);
    const call = request(
      {
        host,
        port,
        method: 'POST',
        path,
        agent: false,
        headers: {
          'Content-Type': 'application/json',
          'Content-Length': bytes.length,
          Authorization: `Basic ${Buffer.from(credentials).toString('base64')}`,
          Connection: 'close',
        },
        ...(timeoutMs > 0 ? { timeout: timeoutMs } : {}),
      },
      (response) => {
        const parts: Uint8Array[] = [];
        response.on('data', (part: Uint8Array) => parts.push(part));
        response.on('end', () =>
          resolve({ status: response.statusCode ?? 0, body: Buffer.concat(parts).toString('utf8') }),
        );
        response.on('error', reject);
      },
    );
    call.on('timeout', () => call.destroy(new Error('timeout reached')));
    call.on('error', reject);
    call.end(bytes);
  });
}

function describeUnreachable({ host, port }: NodeDoor, reason: string): string {
  return (
    `Error while attempting to communicate with server ${host}:${port} (${reason})\n\n` +
    'Make sure the tallyd server is running and that you are connecting to the correct RPC port.\n' +
    'Use "tally -help" for more info.'
  );
}

/** Statuses whose body is an answer. */
const ANSWERED: ReadonlySet<number> = new Set([200, 400, 404, 500]);

/** Sends the text of a request; resolves to the text of the answer. */
export async function callNode(door: NodeDoor, body: string): Promise<string> {
  let answer: HttpAnswer;
  try {
    answer = await post(door, body);
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException;
    const reason = code === 'ECONNREFUSED' ? 'Could not connect to the server' : message;
    throw new ConnectionFailedError(describeUnreachable(door, reason), { cause });
  }
  if (answer.status === 401) throw new CallFailedError(`Authorization failed: ${door.refusal}`);
  if (answer.status === 503) throw new CallFailedError(`Server response: ${answer.body}`);
  if (!ANSWERED.has(answer.status)) throw new CallFailedError(`server returned HTTP error ${answer.status}`);
  if (answer.body === '') throw new CallFailedError('no response from server');
  return answer.body;
}

// Every message of every peer in files, for whoever wants to see what was said (-capturemessages). Mirrors Core's CaptureMessageToFile,
// whose reader (contrib/message-capture) reads these files: one folder per peer, `msgs_recv.dat` and `msgs_sent.dat` in it, and in
// those, per message, the time in microseconds (8 bytes), the type (12 bytes with zeros), the length (4 bytes), the payload; integers
// little-endian.
//
// Nothing bounds what is written but the disk: it is for looking into a node for a while, never for one that serves others.

import { appendFileSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { ByteWriter } from '../../kernel/encoding/writer.ts';
import { encodeUtf8 } from '../../kernel/util/utf8.ts';
import type { Clock, MessageRecorder } from '../../node/ports.ts';

/** Name of the folder of all peers in that of the network (Core). */
export const CAPTURE_FOLDER_NAME = 'message_capture';

/** Bytes of the type. */
const TYPE_BYTES = 12;

/** Writes messages down as they are handled and sent. */
export class MessageCapture implements MessageRecorder {
  readonly #folder: string;
  readonly #clock: Clock;
  readonly #onFailed: (error: unknown) => void;
  #isOver = false;

  /** `networkFolder` exists. A failure ends the capture, and is told once. */
  constructor(networkFolder: string, clock: Clock, onFailed: (error: unknown) => void) {
    this.#folder = join(networkFolder, CAPTURE_FOLDER_NAME);
    this.#clock = clock;
    this.#onFailed = onFailed;
  }

  record(peer: string, direction: 'received' | 'sent', type: string, payload: Uint8Array): void {
    if (this.#isOver) return;
    const name = new Uint8Array(TYPE_BYTES);
    name.set(encodeUtf8(type).subarray(0, TYPE_BYTES));
    const micros = Math.round(this.#clock.wallMs() * 1000);
    const entry = new ByteWriter().i64(micros).put(name).u32(payload.length).put(payload).finish();
    // colons are not allowed in names of folders everywhere
    const folder = join(this.#folder, peer.replaceAll(':', '_'));
    try {
      mkdirSync(folder, { recursive: true });
      appendFileSync(join(folder, direction === 'received' ? 'msgs_recv.dat' : 'msgs_sent.dat'), entry);
    } catch (error) {
      this.#isOver = true;
      this.#onFailed(error);
    }
  }
}

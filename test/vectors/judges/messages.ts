// Judge of messages of the network. Whole ones, with their headers, as JSON by type: the stream gives the type and the payload, the
// codec reads it, and what it read comes out byte for byte again where a message keeps all of its bytes. Compact blocks as payloads:
// the names of transactions are those that we compute for the block of the same header in this folder.

import { type Block, decodeBlock } from '../../../src/kernel/primitives/block.ts';
import { equalBytes, equalRange, fromHex, toHex } from '../../../src/kernel/util/bytes.ts';
import { ShortIdHasher } from '../../../src/node/p2p/compact-block.ts';
import type { CmpctBlockMessage } from '../../../src/node/wire/messages.ts';
import { isMessageType, SHORT_ID_BYTES } from '../../../src/node/wire/protocol.ts';
import { decodeMessage, encodeMessage } from '../../../src/node/wire/registry.ts';
import { TransportV1 } from '../../../src/node/wire/transport-v1.ts';
import {
  type CaseOutcome,
  isInside,
  type Judge,
  type VectorFile,
  type VectorFolder,
  verdictOutcome,
} from '../judge.ts';

/** The main network, which the messages are of. */
const MAGIC = fromHex('f9beb4d9');

/** Bytes at the head of a payload that say nothing and are not kept: the version of a locator. */
const BYTES_NOT_KEPT: ReadonlyMap<string, number> = new Map([
  ['getblocks', 4],
  ['getheaders', 4],
]);

/** Of a version message the sender, and of it alone, is not kept. */
const NEVER_THE_SAME: ReadonlySet<string> = new Set(['version']);

type MessagesByType = Readonly<Record<string, { readonly message: string; readonly messagenofrelay?: string }>>;

function readMessages(file: VectorFile): MessagesByType | null {
  const json = file.tryJson();
  if (json === null || typeof json !== 'object' || !('verack' in json)) return null;
  return json as MessagesByType;
}

/** What is wrong with a whole message of a type; null: nothing. */
function judgeMessage(type: string, bytes: Uint8Array): string | null {
  const transport = new TransportV1(MAGIC);
  transport.receive(bytes);
  const received = transport.next();
  if (received?.type !== 'message') return `the stream gives ${received?.type ?? 'nothing'}`;
  const { command, payload } = received;
  if (command !== type) return `the type is ${command}`;
  const decoded = decodeMessage(command, payload);
  if (!decoded.ok) return decoded.error.message;
  // Types that were given up are no error.
  if (decoded.value === null) return isMessageType(type) ? 'not known' : null;
  const again = encodeMessage(decoded.value);
  const at = BYTES_NOT_KEPT.get(type) ?? 0;
  if (again.length !== payload.length) return `${again.length} bytes come out for ${payload.length}`;
  const isSame = equalRange(again, at, payload, at, payload.length - at);
  return isSame || NEVER_THE_SAME.has(type) ? null : 'comes out changed';
}

/** One that says a byte more than it has: nothing comes out of the stream, whatever is in it. */
function judgeCutMessage(bytes: Uint8Array): string | null {
  const transport = new TransportV1(MAGIC);
  transport.receive(bytes);
  return transport.next() === null ? null : 'taken for a whole message';
}

const messageJudge: Judge = {
  name: 'messages',
  matches: (file) => isInside(file, 'p2p') && readMessages(file) !== null,
  *run(file): Iterable<CaseOutcome> {
    for (const [type, { message, messagenofrelay }] of Object.entries(readMessages(file) ?? {})) {
      yield verdictOutcome(type, judgeMessage(type, fromHex(message)));
      if (messagenofrelay !== undefined)
        yield verdictOutcome(`${type}, cut`, judgeCutMessage(fromHex(messagenofrelay)));
    }
  },
};

function readCompact(file: VectorFile): CmpctBlockMessage | null {
  const decoded = decodeMessage('cmpctblock', file.bytes());
  return decoded.ok && decoded.value?.type === 'cmpctblock' ? decoded.value : null;
}

/** The block with the header of a compact one. */
function findBlock({ header }: CmpctBlockMessage, folder: VectorFolder): Block | null {
  for (const file of folder.files) {
    if (!isInside(file, 'blocks/testnet3')) continue;
    const decoded = decodeBlock(file.bytes());
    file.release();
    if (decoded.ok && equalBytes(decoded.value.header.blockHash, header.blockHash)) return decoded.value;
  }
  return null;
}

function compareNames(compact: CmpctBlockMessage, block: Block): string | null {
  const hasher = new ShortIdHasher(compact.header, compact.nonce);
  const given = new Map(compact.prefilled.map(({ index, transaction }) => [index, transaction]));
  const names = new Uint8Array(SHORT_ID_BYTES * (block.txCount - given.size));
  let at = 0;
  for (let i = 0; i < block.txCount; i++) {
    const { txid, wtxid } = block.transaction(i);
    const whole = given.get(i);
    if (whole === undefined) {
      hasher.writeInto(wtxid, 0, names, at);
      at += SHORT_ID_BYTES;
    } else if (!equalBytes(whole.txid, txid)) return `transaction ${i} is another one`;
  }
  return equalBytes(names, compact.shortIds) ? null : `the names are ${toHex(names)}`;
}

const compactJudge: Judge = {
  name: 'compact blocks',
  matches: (file) => {
    if (!isInside(file, 'p2p')) return false;
    const compact = readCompact(file);
    return compact !== null && equalBytes(encodeMessage(compact), file.bytes());
  },
  *run(file, folder): Iterable<CaseOutcome> {
    const compact = readCompact(file)!;
    const block = findBlock(compact, folder);
    yield verdictOutcome('names', block === null ? 'the block is not here' : compareNames(compact, block));
  },
};

export const judges: readonly Judge[] = [messageJudge, compactJudge];

// The other ends of connections for the benchmark of the network, each in a process of its own, so that its work is not counted as
// that of the node: one that serves nothing but headers, and crowds of peers that idle or do harm. Started by sync-bench.ts with a
// word for what to do; they say what they are ready for on standard output, and end when their standard input does.

import { connect, createServer, type Socket } from 'node:net';
import { createRegtestParams } from '../../src/kernel/consensus/networks/regtest.ts';
import type { ChainParams } from '../../src/kernel/consensus/params.ts';
import { checkProofOfWork } from '../../src/kernel/consensus/pow.ts';
import { asMerkleRoot } from '../../src/kernel/primitives/hashes.ts';
import { type BlockHeader, buildHeader } from '../../src/kernel/primitives/header.ts';
import { toHex } from '../../src/kernel/util/bytes.ts';
import type { Message } from '../../src/node/wire/messages.ts';
import { unspecifiedAddress } from '../../src/node/wire/net-address.ts';
import { HashList } from '../../src/node/wire/packed-lists.ts';
import {
  MAX_HEADERS_RESULTS,
  MAX_PROTOCOL_MESSAGE_LENGTH,
  NODE_NETWORK,
  NODE_WITNESS,
  PROTOCOL_VERSION,
} from '../../src/node/wire/protocol.ts';
import { decodeMessage, encodeMessage } from '../../src/node/wire/registry.ts';
import { TransportV1 } from '../../src/node/wire/transport-v1.ts';

const params: ChainParams = createRegtestParams();

function frame(message: Message): Buffer {
  const transport = new TransportV1(params.magic);
  transport.send(message.type, encodeMessage(message));
  return Buffer.concat(transport.takeBytesToSend());
}

function frameVersion(startHeight: number): Buffer {
  return frame({
    type: 'version',
    version: PROTOCOL_VERSION,
    services: NODE_NETWORK | NODE_WITNESS,
    timeSec: Math.floor(Date.now() / 1000),
    receiverServices: 0n,
    receiver: unspecifiedAddress(),
    nonce: BigInt(process.pid) * 65_536n + BigInt(Math.floor(performance.now())),
    userAgent: '/bench/',
    startHeight,
    relay: false,
  });
}

/** Speaks on a socket: the handshake and pings by itself, everything else through `answer`. */
function speak(socket: Socket, startHeight: number, answer: (message: Message) => void): void {
  const transport = new TransportV1(params.magic);
  socket.setNoDelay(true);
  socket.on('error', () => undefined);
  socket.on('data', (bytes) => {
    transport.receive(bytes);
    for (let received = transport.next(); received !== null; received = transport.next()) {
      if (received.type !== 'message') continue;
      const decoded = decodeMessage(received.command, received.payload);
      if (!decoded.ok || decoded.value === null) continue;
      const message = decoded.value;
      if (message.type === 'version') socket.write(frame({ type: 'verack' }));
      else if (message.type === 'ping') socket.write(frame({ type: 'pong', nonce: message.nonce }));
      else answer(message);
    }
  });
  socket.write(frameVersion(startHeight));
}

/** Headers on top of the first block, each with its proof of work. */
function mineHeaders(count: number): readonly BlockHeader[] {
  const { genesis, consensus } = params;
  const headers: BlockHeader[] = [];
  let previous = genesis.header;
  for (let height = 1; height <= count; height++) {
    for (let nonce = 0; ; nonce++) {
      const header = buildHeader({
        version: 0x20000000,
        previousBlockHash: previous.blockHash,
        merkleRoot: asMerkleRoot(new Uint8Array(32)),
        timeSec: previous.timeSec + 1,
        bits: previous.bits,
        nonce,
      });
      if (!checkProofOfWork(header.blockHash, 0, header.bits, consensus.pow)) continue;
      headers.push(header);
      previous = header;
      break;
    }
  }
  return headers;
}

/** Serves headers and nothing else. */
function serveHeaders(count: number): void {
  const headers = mineHeaders(count);
  const heights = new Map(headers.map(({ blockHash }, i) => [toHex(blockHash), i + 1]));
  // made before anybody asks, so that their making is not measured
  const answers = new Map<number, Buffer>();
  for (let from = 0; from <= count; from += MAX_HEADERS_RESULTS) {
    answers.set(from, frame({ type: 'headers', headers: headers.slice(from, from + MAX_HEADERS_RESULTS) }));
  }
  const server = createServer((socket) => {
    speak(socket, count, (message) => {
      if (message.type !== 'getheaders') return;
      let known = 0;
      for (let i = 0; i < message.locator.count && known === 0; i++) {
        known = heights.get(toHex(message.locator.hash(i))) ?? 0;
      }
      const answer = answers.get(known);
      socket.write(answer ?? frame({ type: 'headers', headers: headers.slice(known, known + MAX_HEADERS_RESULTS) }));
    });
  });
  server.listen({ host: '127.0.0.1', port: 0 }, () => {
    const address = server.address();
    console.log(`ready ${typeof address === 'object' && address !== null ? address.port : 0}`);
  });
}

/** The beginning of the longest message that a node takes, without its last byte: it is kept until that has come, which is never. */
function harmByWaiting(socket: Socket): void {
  const transport = new TransportV1(params.magic);
  transport.send('unknown', new Uint8Array(MAX_PROTOCOL_MESSAGE_LENGTH));
  const bytes = Buffer.concat(transport.takeBytesToSend());
  // nothing else may follow, no answer to a ping either: it would complete the message
  socket.removeAllListeners('data').resume();
  socket.write(bytes.subarray(0, bytes.length - 1));
}

/** Asks for headers again and again, and takes no answer. */
function harmByNotReading(socket: Socket): void {
  const { genesis } = params;
  const ask = frame({
    type: 'getheaders',
    locator: HashList.of([genesis.header.blockHash]),
    stopHash: genesis.header.blockHash,
  });
  setTimeout(() => {
    socket.pause();
    socket.write(Buffer.concat(Array.from({ length: 2000 }, () => ask)));
  }, 500);
}

/** Connects so many peers to a node. */
function crowd(count: number, port: number, act: (socket: Socket) => void): void {
  let establishedCount = 0;
  for (let i = 0; i < count; i++) {
    const socket = connect({ host: '127.0.0.1', port });
    speak(socket, 0, (message) => {
      if (message.type !== 'verack') return;
      act(socket);
      establishedCount++;
      if (establishedCount === count) console.log('ready');
    });
  }
}

const [role, count, port] = process.argv.slice(2);
process.stdin.on('end', () => process.exit(0)).resume();
if (role === 'headers') serveHeaders(Number(count));
else if (role === 'idle') crowd(Number(count), Number(port), () => undefined);
else if (role === 'waiting') crowd(Number(count), Number(port), harmByWaiting);
else if (role === 'deaf') crowd(Number(count), Number(port), harmByNotReading);
else throw new Error(`no part called ${role}`);

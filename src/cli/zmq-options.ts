// The options of notifications over ZeroMQ: their rows of the table in options.ts, with Core's names and meanings (init.cpp,
// zmq/zmqnotificationinterface.cpp).

import { ZMQ_TOPICS, type ZmqNotification, type ZmqTopic } from '../node/app/zmq-publisher.ts';
import { splitHostPort } from '../node/wire/net-address.ts';
import { normalizeZmqAddress } from '../platform/node/zmq-address.ts';
import { StartupError } from './error-text.ts';
import type { OptionSpec } from './option-spec.ts';
import type { Settings } from './settings.ts';

const DAEMON = ['tallyd'] as const;

/** Messages that may wait for a slow subscriber (Core DEFAULT_ZMQ_SNDHWM). */
const HIGH_WATER_MARK_DEFAULT = 1000;

/** What of a block or a transaction is published, for --help. */
const MATTER: Readonly<Record<ZmqTopic, string>> = Object.freeze({
  hashblock: 'the hash of every block that becomes the tip',
  hashtx: 'the id of every transaction that comes into the mempool or is in a block that is connected or disconnected',
  rawblock: 'every block that becomes the tip',
  rawtx: 'every transaction that comes into the mempool or is in a block that is connected or disconnected',
  sequence: 'every block connected or disconnected, every transaction added to the mempool or removed from it',
});

function specsOf(topic: ZmqTopic): readonly OptionSpec[] {
  return [
    {
      name: `zmqpub${topic}`,
      kind: 'list',
      group: 'zmq',
      argument: '<address>',
      help: `Publish ${MATTER[topic]} over ZeroMQ at this address: tcp:// with a numeric address and a port, or unix: and the path of a socket. Nobody is asked for a password.`,
      programs: DAEMON,
    },
    {
      name: `zmqpub${topic}hwm`,
      kind: 'integer',
      group: 'zmq',
      argument: '<n>',
      help: `How many messages of -zmqpub${topic} may wait for a subscriber that reads too slowly, before further ones are dropped; 0 is as many as fit.`,
      defaultText: String(HIGH_WATER_MARK_DEFAULT),
      programs: DAEMON,
    },
  ];
}

/** Rows of the table. */
export const ZMQ_OPTIONS: readonly OptionSpec[] = Object.freeze(ZMQ_TOPICS.flatMap(specsOf));

/** Reads what is to be published where, in Core's order. Throws StartupError. */
export function readZmqOptions(settings: Settings): readonly ZmqNotification[] {
  return ZMQ_TOPICS.flatMap((topic) =>
    settings.getAll(`zmqpub${topic}`).map((text) => ({
      topic,
      address: readAddress(topic, text),
      highWaterMark: settings.getInteger(`zmqpub${topic}hwm`) ?? HIGH_WATER_MARK_DEFAULT,
    })),
  );
}

/** Core looks at the port of what is written like a host with a port, and at nothing else yet. */
function readAddress(topic: ZmqTopic, text: string): string {
  const address = normalizeZmqAddress(text);
  const split = address === text ? splitHostPort(text) : { port: null };
  if (split === null || split.port === 0)
    throw new StartupError(`Invalid port specified in -zmqpub${topic}: '${text}'`);
  return address;
}

// Tor as tests play it: it takes connections to its control port, notes what it is told, and answers as a good one would, or as a
// test says.

import { ConnectError, type Connection, type Endpoint, type Network } from '../../src/node/ports.ts';
import { SamLink } from './sam-bridge.ts';

/** An address of version 3 (rend-spec-v3). */
export const TOR_SERVICE_ID = 'pg6mmjiyjmcrsslvykfwnntlaru7p5svn6y2ymmju6nubxndf4pscryd';

/** What Tor says when it makes a key; a test's, and nobody else's. */
export const TOR_SERVICE_KEY = `ED25519-V3:${'Q'.repeat(86)}==`;

/** What is done instead of answering well. */
export type TorMischief = string | 'silence' | 'close';

/** See the top of the file. */
export class TorDouble implements Pick<Network, 'dial'> {
  readonly links: SamLink[] = [];
  /** By the beginning of a command; of several the last one that was set counts. */
  readonly mischief: Map<string, TorMischief> = new Map();
  /** Nobody listens. */
  isDown = false;

  async dial(remote: Endpoint): Promise<Connection> {
    if (this.isDown) throw new ConnectError('ECONNREFUSED', 'nobody listens');
    const link = new SamLink(remote, (line, asker) => this.#answer(line, asker));
    this.links.push(link);
    return link;
  }

  /** Everything that was told, on all connections. */
  get told(): readonly string[] {
    return this.links.flatMap((link) => link.asked.map((line) => line.slice(0, -1)));
  }

  /** Connections that are open. */
  get open(): readonly SamLink[] {
    return this.links.filter((link) => !link.isClosed);
  }

  #answer(line: string, link: SamLink): void {
    const begins = [...this.mischief.keys()].filter((begin) => line.startsWith(begin));
    const mischief = this.mischief.get(begins.at(-1) ?? '');
    if (mischief === undefined) link.say(answerWell(line));
    else if (mischief === 'close') link.cut();
    else if (mischief !== 'silence') link.say(mischief);
  }
}

function answerWell(line: string): string {
  if (line.startsWith('PROTOCOLINFO')) return '250-PROTOCOLINFO 1\r\n250-AUTH METHODS=NULL\r\n250 OK\r\n';
  if (line.startsWith('GETINFO')) return '250-net/listeners/socks="127.0.0.1:9150"\r\n250 OK\r\n';
  if (!line.startsWith('ADD_ONION')) return '250 OK\r\n';
  const key = line.includes(' NEW:') ? `250-PrivateKey=${TOR_SERVICE_KEY}\r\n` : '';
  return `250-ServiceID=${TOR_SERVICE_ID}\r\n${key}250 OK\r\n`;
}

// What `tally -netinfo` prints: the connections of a node, in bitcoin-cli's layout (Core NetinfoRequestHandler), out of getpeerinfo and
// getnetworkinfo. With a level above 0 every peer has a line.

import type { ServerReply } from '../api/command-line.ts';
import { Answer, type AskNode } from './answer.ts';
import { PROGRAM_NAME } from './error-text.ts';
import { NET_INFO_HELP, NET_INFO_LEVEL_MAX } from './net-info-help.ts';
import { CallFailedError } from './rpc-client.ts';
import { cleanText } from './text-columns.ts';
import { readVersion } from './version.ts';

/** Networks with the names that the listing has for them; those that nobody can reach from outside stand at the end. */
const NETWORKS: readonly (readonly [name: string, shortName: string])[] = [
  ['not_publicly_routable', 'npr'],
  ['ipv4', 'ipv4'],
  ['ipv6', 'ipv6'],
  ['onion', 'onion'],
  ['i2p', 'i2p'],
  ['cjdns', 'cjdns'],
  ['internal', 'int'],
];

/** They have a column only when a peer is there. */
const UNREACHABLE = ['not_publicly_routable', 'internal'];

const SEE_HELP = 'For more information, run: tally -netinfo help';

/** How much is wanted. */
interface Wish {
  readonly level: number;
  readonly isOutboundOnly: boolean;
}

/** Asks, and lays the answer out. */
export async function answerNetInfo(ask: AskNode, words: readonly string[]): Promise<ServerReply> {
  if (words[0] === 'h' || words[0] === 'help') return { error: null, result: NET_INFO_HELP };
  const wish = readWish(words);
  const peers = await ask('getpeerinfo', []);
  if (peers.error !== null) return peers;
  const network = await ask('getnetworkinfo', []);
  if (network.error !== null) return network;
  const chain = await ask('getblockchaininfo', []);
  const name = chain.error === null ? new Answer('getblockchaininfo', chain.result).text('chain') : '';
  const info = new NetInfo(wish, new Answer('getpeerinfo', peers.result), new Answer('getnetworkinfo', network.result));
  return { error: null, result: info.format(name, Math.floor(Date.now() / 1000)) };
}

function readWish([level, outbound]: readonly string[]): Wish {
  if (level === undefined) return { level: 0, isOutboundOnly: false };
  const number = /^[0-9]{1,3}$/.test(level) ? Number(level) : 256;
  if (number > 255) throw new CallFailedError(`invalid -netinfo level argument: ${level}\n${SEE_HELP}`);
  if (outbound === undefined) return { level: Math.min(number, NET_INFO_LEVEL_MAX), isOutboundOnly: false };
  const isOutboundOnly = outbound === 'o' || outbound === 'outonly';
  if (number > 0 && isOutboundOnly) return { level: Math.min(number, NET_INFO_LEVEL_MAX), isOutboundOnly };
  const why = number > 0 ? '' : 'The outonly argument is only valid for a level greater than 0 (the first argument). ';
  throw new CallFailedError(`invalid -netinfo outonly argument: ${outbound}\n${why}${SEE_HELP}`);
}

/** The listing of one node. */
export class NetInfo {
  readonly #wish: Wish;
  readonly #peers: readonly Answer[];
  readonly #network: Answer;

  constructor(wish: Wish, peers: Answer, network: Answer) {
    this.#wish = wish;
    const known = new Set(NETWORKS.map(([name]) => name));
    this.#peers = peers.items().filter((peer) => known.has(peer.text('network')));
    this.#network = network;
  }

  /** All of it, as of now. */
  format(chainName: string, nowSec: number): string {
    const network = this.#network;
    const hasDetails = this.#wish.level > 0;
    const chain = chainName === 'main' || chainName === '' ? '' : ` ${chainName === 'test' ? 'testnet' : chainName}`;
    const services = hasDetails ? ` - services ${letters(network.items('localservicesnames'))}` : '';
    const head = `${PROGRAM_NAME} client v${readVersion()}${chain} - server ${network.number('protocolversion')}${network.text('subversion')}${services}`;
    const listing = hasDetails ? this.#formatPeers(nowSec) : '';
    const names = network.items('localservicesnames').map(({ value }) => `${value}`.toLowerCase().replaceAll('_', ' '));
    const local = hasDetails ? '' : `\n\nLocal services: ${names.join(', ')}`;
    return `${head}\n\n${listing}${this.#formatCounts()}${local}\n\nLocal addresses${this.#formatLocal()}`;
  }

  #formatCounts(): string {
    const reachable = this.#network
      .items('networks')
      .filter((one) => one.flag('reachable'))
      .map((one) => one.text('name'));
    const columns = reachable.filter((name) => NETWORKS.some(([known]) => known === name));
    const extra = UNREACHABLE.filter((name) => this.#peers.some((peer) => peer.text('network') === name));
    const count = (keep: (peer: Answer) => boolean): number => this.#peers.filter(keep).length;
    const typed = (type: string): number => count((peer) => peer.text('connection_type') === type);
    const manualCount = typed('manual');
    const heads = [...columns, ...extra.map(shortName)].map((name) => name.padStart(8)).join('');
    const lines = [`     ${heads}   total   block${manualCount > 0 ? '  manual' : ''}`];
    for (const row of ['in', 'out', 'total'] as const) {
      const isOfRow = (peer: Answer): boolean => row === 'total' || peer.flag('inbound') === (row === 'in');
      const cells = [...columns, ...extra].map((name) =>
        `${count((peer) => isOfRow(peer) && peer.text('network') === name)}`.padStart(8),
      );
      const total = `   ${`${count(isOfRow)}`.padStart(5)}`;
      const more = row === 'out' ? [typed('block-relay-only'), ...(manualCount > 0 ? [manualCount] : [])] : [];
      lines.push(
        `${row.padEnd(5)}${cells.join('')}${total}${more.map((one) => `   ${`${one}`.padStart(5)}`).join('')}`,
      );
    }
    return lines.join('\n');
  }

  #formatLocal(): string {
    const places = this.#network.items('localaddresses');
    if (places.length === 0) return ': n/a\n';
    const width = Math.max(...places.map((place) => place.text('address').length + 1));
    const lines = places.map((place) => {
      const [port, score] = ['port', 'score'].map((key) => `${place.number(key)}`.padStart(6));
      return `\n${place.text('address').padEnd(width)}    port ${port}    score ${score}`;
    });
    return lines.join('');
  }

  #formatPeers(nowSec: number): string {
    const { level, isOutboundOnly } = this.#wish;
    const shown = this.#peers.filter((peer) => !isOutboundOnly || !peer.flag('inbound'));
    if (shown.length === 0) return '';
    const rows = shown.map((peer) => new PeerRow(peer, nowSec)).sort(comparePeers);
    const width = (least: number, read: (row: PeerRow) => string): number =>
      Math.max(least, ...rows.map((row) => read(row).length));
    const widths: Widths = {
      services: width(6, (row) => row.services),
      processed: width(5, (row) => row.processed),
      limited: width(6, (row) => row.limited),
      age: width(5, (row) => row.age),
      id: width(2, (row) => row.id),
      address: level === 2 || level === 4 ? width(0, (row) => row.address) + 1 : 0,
      hasVersion: level >= 3,
      hasAsmap: rows.some((row) => row.mappedAs !== ''),
    };
    const head = formatHead(widths);
    const units = `${' '.repeat(16 + widths.services)}         ms     ms  sec  sec  min  min${' '.repeat(16)}${'min'.padStart(widths.age)}`;
    return `${[head, ...rows.map((row) => row.format(widths)), units].join('\n')}\n\n`;
  }
}

interface Widths {
  readonly services: number;
  readonly processed: number;
  readonly limited: number;
  readonly age: number;
  readonly id: number;
  /** 0: not shown. */
  readonly address: number;
  readonly hasVersion: boolean;
  readonly hasAsmap: boolean;
}

function formatHead(widths: Widths): string {
  const fields = [
    `<->   type   net ${'serv'.padStart(widths.services)}  v  mping   ping send recv  txn  blk  hb `,
    'addrp'.padStart(widths.processed),
    'addrl'.padStart(widths.limited),
    'age'.padStart(widths.age),
    widths.hasAsmap ? '  asmap ' : ' ',
    'id'.padStart(widths.id),
    ` ${(widths.address > 0 ? 'address' : '').padEnd(widths.address)}`,
    widths.hasVersion ? 'version' : '',
  ];
  return fields.join('');
}

/** Inbound peers first, then by their fastest ping. */
function comparePeers(a: PeerRow, b: PeerRow): number {
  if (a.isOutbound !== b.isOutbound) return a.isOutbound ? 1 : -1;
  return a.minPing - b.minPing;
}

/** A line of the listing. */
class PeerRow {
  readonly #peer: Answer;
  readonly #nowSec: number;

  constructor(peer: Answer, nowSec: number) {
    this.#peer = peer;
    this.#nowSec = nowSec;
  }

  get isOutbound(): boolean {
    return !this.#peer.flag('inbound');
  }

  /** Seconds; -1: there was none. */
  get minPing(): number {
    return this.#number('minping', -1);
  }

  get services(): string {
    return letters(this.#peer.items('servicesnames'));
  }

  get processed(): string {
    const count = this.#number('addr_processed', 0);
    if (count > 0) return `${count}`;
    return this.#flag('addr_relay_enabled', false) ? '' : '.';
  }

  get limited(): string {
    const count = this.#number('addr_rate_limited', 0);
    return count > 0 ? `${count}` : '';
  }

  get age(): string {
    return this.#since('conntime', 60);
  }

  get id(): string {
    return `${this.#peer.number('id')}`;
  }

  get address(): string {
    return cleanText(this.#peer.text('addr'));
  }

  get mappedAs(): string {
    const mapped = this.#number('mapped_as', 0);
    return mapped === 0 ? '' : `${mapped}`;
  }

  format(widths: Widths): string {
    const peer = this.#peer;
    const transport = peer.has('transport_protocol_type') ? peer.text('transport_protocol_type') : 'v1';
    const highBandwidth = `${peer.flag('bip152_hb_to') ? '.' : ' '}${peer.flag('bip152_hb_from') ? '*' : ' '}`;
    const transactions = this.#since('last_transaction', 60);
    const fields = [
      (this.isOutbound ? 'out' : 'in').padStart(3),
      ` ${typeName(peer.text('connection_type')).padStart(6)}`,
      ` ${shortName(peer.text('network')).padStart(5)}`,
      ` ${this.services.padStart(widths.services)}`,
      ` ${(/^v.$/.test(transport) ? transport[1]! : ' ').padStart(2)}`,
      formatPing(this.minPing).padStart(7),
      formatPing(this.#number('pingtime', -1)).padStart(7),
      this.#since('lastsend', 1).padStart(5),
      this.#since('lastrecv', 1).padStart(5),
      (transactions === '' && !this.#flag('relaytxes', true) ? '*' : transactions).padStart(5),
      this.#since('last_block', 60).padStart(5),
      `  ${highBandwidth} `,
      this.processed.padStart(widths.processed),
      this.limited.padStart(widths.limited),
      this.age.padStart(widths.age),
      widths.hasAsmap ? this.mappedAs.padStart(7) : '',
      ` ${this.id.padStart(widths.id)}`,
      ` ${(widths.address > 0 ? this.address : '').padEnd(widths.address)}`,
      widths.hasVersion ? this.#version() : '',
    ];
    return fields.join('');
  }

  #version(): string {
    const version = `${this.#peer.number('version')}${cleanText(this.#peer.text('subver'))}`;
    return version === '0' ? '' : version;
  }

  #number(key: string, fallback: number): number {
    return this.#peer.has(key) ? this.#peer.number(key) : fallback;
  }

  #flag(key: string, fallback: boolean): boolean {
    return this.#peer.has(key) ? this.#peer.flag(key) : fallback;
  }

  /** How long something is ago, in units of so many seconds; empty: it never was. */
  #since(key: string, unitSec: number): string {
    const timeSec = this.#number(key, 0);
    return timeSec === 0 ? '' : `${Math.trunc((this.#nowSec - timeSec) / unitSec)}`;
  }
}

/** Milliseconds. */
function formatPing(seconds: number): string {
  if (seconds < 0) return '';
  const milliseconds = Math.round(1000 * seconds);
  return milliseconds > 999_999 ? '-' : `${milliseconds}`;
}

const TYPE_NAMES: ReadonlyMap<string, string> = new Map([
  ['outbound-full-relay', 'full'],
  ['block-relay-only', 'block'],
  ['manual', 'manual'],
  ['feeler', 'feeler'],
  ['addr-fetch', 'addr'],
  ['private-broadcast', 'priv'],
]);

function typeName(type: string): string {
  return TYPE_NAMES.get(type) ?? '';
}

function shortName(network: string): string {
  return NETWORKS.find(([name]) => name === network)?.[1] ?? '';
}

/** A letter for each service. */
function letters(services: readonly Answer[]): string {
  const names = services.map(({ value }) => `${value}`);
  return names.map((name) => LETTERS.get(name) ?? name.slice(0, 1).toLowerCase()).join('');
}

const LETTERS: ReadonlyMap<string, string> = new Map([
  ['NETWORK_LIMITED', 'l'],
  ['P2P_V2', '2'],
]);

// What the operator grants to chosen peers with -whitelist and -whitebind (Core net_permissions.cpp), and how the options are
// read, with Core's words for what is wrong with them.

import { err, ok, type Result } from '../../kernel/util/result.ts';
import { type NetAddress, parseNetAddress } from '../wire/net-address.ts';
import { matchesSubnet, parseSubnet, type Subnet } from './subnet.ts';

/** One permission, by Core's name. */
export type PermissionName =
  /** May load bloom filters although -peerbloomfilters is off. */
  | 'bloomfilter'
  /** Is not banned, discouraged or disconnected for misbehaviour; implies `download`. */
  | 'noban'
  /** Its transactions are relayed even when we had them; implies `relay`. */
  | 'forcerelay'
  /** May send transactions in spite of -blocksonly, and announce as many as it likes. */
  | 'relay'
  /** May ask for the contents of the mempool (BIP35). */
  | 'mempool'
  /** May fetch headers during initial download, and blocks beyond -maxuploadtarget. */
  | 'download'
  /** Gets fresh addresses and may send any number of them. */
  | 'addr';

/** All permissions, in the order in which RPC lists them. */
export const PERMISSION_NAMES: readonly PermissionName[] = Object.freeze([
  'bloomfilter',
  'noban',
  'forcerelay',
  'relay',
  'mempool',
  'download',
  'addr',
]);

/** What a peer may do beyond others. */
export type NetPermissions = Readonly<Record<PermissionName, boolean>>;

/** The permissions of nearly every peer. */
export const NO_PERMISSIONS: NetPermissions = createPermissions([]);

/** Permissions with all that they imply. */
export function createPermissions(names: Iterable<PermissionName>): NetPermissions {
  const granted = new Set(names);
  if (granted.has('forcerelay')) granted.add('relay');
  if (granted.has('noban')) granted.add('download');
  const permissions = Object.fromEntries(PERMISSION_NAMES.map((name) => [name, granted.has(name)]));
  return Object.freeze(permissions as Record<PermissionName, boolean>);
}

/** Names of what is granted, as RPC getpeerinfo lists them. */
export function listPermissions(permissions: NetPermissions): PermissionName[] {
  return PERMISSION_NAMES.filter((name) => permissions[name]);
}

/** What an option grants: chosen permissions, or 'implicit', which means what {@link WhitelistDefaults} make of it. */
export type Grant = readonly PermissionName[] | 'implicit';

/** -whitelist: peers of a subnet. */
export interface WhitelistEntry {
  readonly grant: Grant;
  readonly subnet: Subnet;
  readonly appliesToInbound: boolean;
  /** Of outbound connections only manual ones are meant (Core). */
  readonly appliesToManual: boolean;
}

/** -whitebind: peers that come in where we listen for them. */
export interface WhitebindEntry {
  readonly grant: Grant;
  readonly address: NetAddress;
}

/** Whether the option itself names `noban`: a place for trusted peers, of which nobody is told (Core CConnman::Bind). */
export function isPrivateBind({ grant }: WhitebindEntry): boolean {
  return grant !== 'implicit' && grant.includes('noban');
}

/** -whitelistrelay and -whitelistforcerelay: what an option without permissions of its own grants besides. */
export interface WhitelistDefaults {
  readonly relay: boolean;
  readonly forceRelay: boolean;
}

/** Core's defaults of the two options. */
export const WHITELIST_DEFAULTS: WhitelistDefaults = Object.freeze({ relay: true, forceRelay: false });

/** Everything a peer is granted: by the ranges that hold its address, and by the place where it came in (null: none). */
export function computePermissions(
  address: NetAddress | null,
  ranges: readonly WhitelistEntry[],
  bind: WhitebindEntry | null = null,
  defaults: WhitelistDefaults = WHITELIST_DEFAULTS,
): NetPermissions {
  const grants: Grant[] = bind === null ? [] : [bind.grant];
  if (address !== null) {
    for (const range of ranges) if (matchesSubnet(range.subnet, address)) grants.push(range.grant);
  }
  if (grants.length === 0) return NO_PERMISSIONS;
  const implicit: PermissionName[] = ['mempool', 'noban'];
  if (defaults.relay) implicit.push('relay');
  if (defaults.forceRelay) implicit.push('forcerelay');
  return createPermissions(grants.flatMap((grant) => (grant === 'implicit' ? implicit : grant)));
}

/** Why an option is not understood: Core's sentence for the operator. */
export interface PermissionsError {
  readonly message: string;
}

interface Flags {
  readonly grant: Grant;
  readonly isIn: boolean;
  readonly isOut: boolean;
  /** What follows the @. */
  readonly rest: string;
}

const BY_WORD: ReadonlyMap<string, readonly PermissionName[]> = new Map<string, readonly PermissionName[]>([
  ...PERMISSION_NAMES.map((name): [string, readonly PermissionName[]] => [name, [name]]),
  ['bloom', ['bloomfilter']],
  ['all', PERMISSION_NAMES],
]);

/** Reads `permission,permission@rest` or `rest`. */
function parseFlags(text: string, mayBeOut: boolean): Result<Flags, PermissionsError> {
  const separator = text.indexOf('@');
  if (separator < 0) return ok({ grant: 'implicit', isIn: true, isOut: false, rest: text });
  const grant: PermissionName[] = [];
  let isIn = false;
  let isOut = false;
  for (const word of text.slice(0, separator).split(',')) {
    const names = BY_WORD.get(word);
    if (names !== undefined) grant.push(...names);
    else if (word === 'in') isIn = true;
    else if (word === 'out' && mayBeOut) isOut = true;
    else if (word === 'out') {
      return err({ message: 'whitebind may only be used for incoming connections ("out" was passed)' });
    } else if (word !== '') return err({ message: `Invalid P2P permission: '${word}'` });
  }
  if (!isIn && !isOut) isIn = true;
  else if (grant.length === 0) return err({ message: `Only direction was set, no permissions: '${text}'` });
  return ok({ grant, isIn, isOut, rest: text.slice(separator + 1) });
}

/** Reads the value of -whitelist: `[permission,…@]subnet`; `usesCjdns` as for {@link parseSubnet}. */
export function parseWhitelist(text: string, usesCjdns = false): Result<WhitelistEntry, PermissionsError> {
  const flags = parseFlags(text, true);
  if (!flags.ok) return flags;
  const { grant, isIn, isOut, rest } = flags.value;
  const subnet = parseSubnet(rest, usesCjdns);
  if (!subnet.ok) return err({ message: `Invalid netmask specified in -whitelist: '${rest}'` });
  return ok({ grant, subnet: subnet.value, appliesToInbound: isIn, appliesToManual: isOut });
}

/** Reads the value of -whitebind: `[permission,…@]address:port`. */
export function parseWhitebind(text: string): Result<WhitebindEntry, PermissionsError> {
  const flags = parseFlags(text, false);
  if (!flags.ok) return flags;
  const { grant, rest } = flags.value;
  const address = parseNetAddress(rest, 0);
  if (address === null) return err({ message: `Cannot resolve -whitebind address: '${rest}'` });
  if (address.port === 0) return err({ message: `Need to specify a port with -whitebind: '${rest}'` });
  return ok({ grant, address });
}

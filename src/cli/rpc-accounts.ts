// Who may call the RPC server: accounts with salted hashes of their passwords, and the methods that each may call (Core httprpc.cpp,
// options -rpcauth, -rpcuser, -rpcpassword, -rpcwhitelist, -rpcwhitelistdefault). Passwords are compared in a time that tells
// nothing about them (R02).

import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import { RpcStartError } from './rpc-start-error.ts';
import type { Settings } from './settings.ts';

/** One account. */
interface Account {
  readonly user: string;
  readonly salt: string;
  /** HMAC-SHA256 of the password with the salt as key, hexadecimal. */
  readonly hash: string;
}

/** Somebody whose password was right. */
export interface Caller {
  readonly user: string;
  /** The methods that the user may call; null: all. */
  readonly allowed: ReadonlySet<string> | null;
}

function hashPassword(salt: string, password: Buffer): string {
  return createHmac('sha256', salt).update(password).digest('hex');
}

/** Compares texts of any length without telling where they differ. */
function equalSecrets(a: Buffer, b: Buffer): boolean {
  const key = randomBytes(32);
  const digest = (text: Buffer): Buffer => createHmac('sha256', key).update(text).digest();
  return timingSafeEqual(digest(a), digest(b));
}

const NO_METHODS: ReadonlySet<string> = new Set();

/** The accounts of a server. */
export class Accounts {
  readonly #accounts: Account[];
  readonly #whitelists: ReadonlyMap<string, ReadonlySet<string>>;
  readonly #isClosedByDefault: boolean;

  constructor(
    accounts: readonly Account[],
    whitelists: ReadonlyMap<string, ReadonlySet<string>>,
    isClosedByDefault: boolean,
  ) {
    this.#accounts = [...accounts];
    this.#whitelists = whitelists;
    this.#isClosedByDefault = isClosedByDefault;
  }

  /** Adds an account whose password is at hand. */
  add(user: string, password: string): void {
    const salt = randomBytes(16).toString('hex');
    this.#accounts.push({ user, salt, hash: hashPassword(salt, Buffer.from(password)) });
  }

  /** Who is behind the value of an Authorization header; null: nobody. */
  check(header: string): Caller | null {
    const encoded = /^Basic +([A-Za-z0-9+/]*={0,2}) *$/.exec(header)?.[1];
    if (encoded === undefined || encoded.length % 4 !== 0) return null;
    const bytes = Buffer.from(encoded, 'base64');
    const colon = bytes.indexOf(':');
    if (colon < 0) return null;
    const user = bytes.subarray(0, colon);
    const password = bytes.subarray(colon + 1);
    for (const account of this.#accounts) {
      if (!equalSecrets(Buffer.from(account.user), user)) continue;
      if (equalSecrets(Buffer.from(account.hash), Buffer.from(hashPassword(account.salt, password)))) {
        return { user: account.user, allowed: this.#allowedOf(account.user) };
      }
    }
    return null;
  }

  #allowedOf(user: string): ReadonlySet<string> | null {
    return this.#whitelists.get(user) ?? (this.#isClosedByDefault ? NO_METHODS : null);
  }
}

/** The accounts of the settings. Throws a StartupError. */
export function readAccounts(settings: Settings): Accounts {
  const whitelistTexts = settings.getAll('rpcwhitelist');
  const isClosedByDefault = settings.getFlag('rpcwhitelistdefault') ?? whitelistTexts.length > 0;
  const hashed = settings.getAll('rpcauth').map(readAccount);
  const accounts = new Accounts(hashed, readWhitelists(whitelistTexts), isClosedByDefault);
  const password = settings.getText('rpcpassword') ?? '';
  if (password !== '') accounts.add(settings.getText('rpcuser') ?? '', password);
  return accounts;
}

function readAccount(text: string): Account {
  const fields = text.split(':');
  const secrets = fields.at(-1)!.split('$');
  if (fields.length !== 2 || secrets.length !== 2) throw new RpcStartError('Invalid -rpcauth argument.');
  return { user: fields[0]!, salt: secrets[0]!, hash: secrets[1]! };
}

/** Methods by user; what several lists of one user have in common. */
function readWhitelists(texts: readonly string[]): ReadonlyMap<string, ReadonlySet<string>> {
  const whitelists = new Map<string, ReadonlySet<string>>();
  for (const text of texts) {
    const colon = text.indexOf(':');
    const user = colon < 0 ? text : text.slice(0, colon);
    const known = whitelists.get(user);
    if (colon < 0) {
      if (known === undefined) whitelists.set(user, NO_METHODS);
      continue;
    }
    const methods = text.slice(colon + 1).split(/[, ]/);
    whitelists.set(user, new Set(known === undefined ? methods : methods.filter((method) => known.has(method))));
  }
  return whitelists;
}

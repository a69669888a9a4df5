// How we prove to Tor that we may control it (control-spec, sections 3.5 and 3.24; Core torcontrol.cpp protocolinfo_cb,
// authchallenge_cb): by the password that the operator has given, without proof where Tor wants none, or by what is in a file that
// only Tor and we can read, which neither shows the other. No secret of either side comes into the log.

import { concatBytes, equalBytes, parseHex } from '../../kernel/util/bytes.ts';
import type { Result } from '../../kernel/util/result.ts';
import { encodeUtf8 } from '../../kernel/util/utf8.ts';
import type { Logger } from '../ports.ts';
import {
  parseTorArguments,
  readTorAccess,
  splitTorLine,
  TOR_CODE,
  TOR_COMMANDS,
  type TorAccess,
} from '../wire/tor-control.ts';
import { quoteTor, type TorTalk, torError } from './tor-talk.ts';

/** Bytes of the secret in Tor's file, and of what each side adds to it (control-spec). */
export const TOR_COOKIE_BYTES = 32;
const NONCE_BYTES = 32;

/** Under these names both sides prove that they know the secret (control-spec, section 3.24). */
const SERVER_KEY = 'Tor safe cookie authentication server-to-controller hash';
const CLIENT_KEY = 'Tor safe cookie authentication controller-to-server hash';

/** What it takes. */
export interface TorLoginParts {
  /** Empty: none was given. */
  readonly password: string;
  readonly secrets: TorSecrets;
  readonly log: Logger;
}

/** What the machine does for it. */
export interface TorSecrets {
  /** The bytes of a file that has so many; or a sentence that says why not. It names the file, which Tor has chosen. */
  readCookie(path: string, byteCount: number): Promise<Result<Uint8Array, string>>;
  hmacSha256(key: Uint8Array, data: Uint8Array): Uint8Array;
  randomBytes(count: number): Uint8Array;
}

/** Proves that we may control it. Rejects with a {@link ConnectError} when we may not. */
export async function logInToTor(talk: TorTalk, parts: TorLoginParts): Promise<void> {
  const { log } = parts;
  const reply = await talk.ask(TOR_COMMANDS.protocolInfo);
  if (reply.code !== TOR_CODE.ok) throw torError('Requesting protocol info failed');
  const access = readTorAccess(reply);
  if (access.version !== null) log.debug('tor', () => `Connected to Tor version ${quoteTor(access.version ?? '')}`);
  for (const method of access.methods) {
    log.debug('tor', () => `Supported authentication method: ${quoteTor(method)}`);
  }
  const command = await chooseProof(talk, access, parts);
  const { code } = await talk.ask(command);
  if (code !== TOR_CODE.ok) throw torError('Authentication failed');
  log.debug('tor', () => 'Authentication successful');
}

/** The command that proves it. */
function chooseProof(
  talk: TorTalk,
  { methods, cookieFile }: TorAccess,
  parts: TorLoginParts,
): Promise<string> | string {
  const { password, log } = parts;
  const use = (method: string): void => log.debug('tor', () => `Using ${method} authentication`);
  if (password !== '') {
    if (!methods.has('HASHEDPASSWORD')) {
      throw torError('Password provided with -torpassword, but HASHEDPASSWORD authentication is not available');
    }
    use('HASHEDPASSWORD');
    return TOR_COMMANDS.authenticateByPassword(password);
  }
  if (methods.has('NULL')) {
    use('NULL');
    return TOR_COMMANDS.authenticate;
  }
  if (methods.has('SAFECOOKIE')) {
    const where = quoteTor(cookieFile);
    log.debug('tor', () => `Using SAFECOOKIE authentication, reading cookie authentication from ${where}`);
    return proveByCookie(talk, cookieFile, parts);
  }
  throw torError(
    methods.has('HASHEDPASSWORD')
      ? 'The only supported authentication mechanism left is password, but no password provided with -torpassword'
      : 'No supported authentication method',
  );
}

/** Tor proves first that it knows the secret: to another program we say nothing that could be of use with Tor. */
async function proveByCookie(talk: TorTalk, path: string, { secrets, log }: TorLoginParts): Promise<string> {
  const cookie = await secrets.readCookie(path, TOR_COOKIE_BYTES);
  if (!cookie.ok) throw torError(`Authentication cookie ${quoteTor(path)} ${cookie.error}`);
  const nonce = secrets.randomBytes(NONCE_BYTES);
  const reply = await talk.ask(TOR_COMMANDS.challenge(nonce));
  if (reply.code !== TOR_CODE.ok) throw torError('SAFECOOKIE authentication challenge failed');
  log.debug('tor', () => 'SAFECOOKIE authentication challenge successful');
  const { type, rest } = splitTorLine(reply.lines[0] ?? '');
  if (type !== 'AUTHCHALLENGE') throw torError('Invalid reply to AUTHCHALLENGE');
  const said = parseTorArguments(rest);
  const serverHash = parseHex(said.get('SERVERHASH') ?? '');
  const serverNonce = parseHex(said.get('SERVERNONCE') ?? '');
  if (!serverNonce.ok || serverNonce.value.length !== NONCE_BYTES) {
    throw torError('ServerNonce is not 32 bytes, as required by spec');
  }
  const both = concatBytes(cookie.value, nonce, serverNonce.value);
  const prove = (key: string): Uint8Array => secrets.hmacSha256(encodeUtf8(key), both);
  if (!serverHash.ok || !equalBytes(serverHash.value, prove(SERVER_KEY))) {
    throw torError('ServerHash does not match expected ServerHash');
  }
  return TOR_COMMANDS.authenticateByHash(prove(CLIENT_KEY));
}

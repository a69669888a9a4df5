// Finds the system's libsecp256k1 and binds its functions through koffi, an optional dependency: where koffi, its prebuilt
// file or the library is missing, the outcome says so and another backend takes over. Versions from 0.2 on serve; the ABI
// of what is used here has been the same since.

import { createRequire } from 'node:module';
import type { BackendProblem } from '../../kernel/crypto/secp256k1-select.ts';
import { err, ok, type Result } from '../../kernel/util/result.ts';

/** A native address, or what koffi turns into one for the time of a call. */
export type NativeArgument = bigint | number | Uint8Array | null | NativeHashFunction;

/** What libsecp256k1 calls at the end of an ECDH: output, x and y by address. */
export type NativeHashFunction = (output: bigint, x: bigint, y: bigint, data: bigint | null) => number;

type NativeFunction = (...values: NativeArgument[]) => number;

/** The part of koffi in use; its own types are not imported, so that the project compiles without the package. */
export interface Koffi {
  load(path: string): { func(name: string, result: string, parameters: readonly unknown[]): unknown };
  alloc(type: string, length: number): bigint;
  view(pointer: bigint, length: number): ArrayBuffer;
  sizeof(type: string): number;
  pointer(type: unknown): unknown;
  proto(result: string, parameters: readonly string[]): unknown;
}

const POINTER = 'void *';

/** Parameter lists by function: p is an address, z a size, i an int, u an unsigned int, h the ECDH hash function. */
const SIGNATURES = {
  selftest: '',
  context_randomize: 'pp',
  ec_pubkey_parse: 'pppz',
  ec_pubkey_serialize: 'ppppu',
  ec_pubkey_create: 'ppp',
  ec_pubkey_tweak_add: 'ppp',
  ec_seckey_verify: 'pp',
  ec_seckey_tweak_add: 'ppp',
  ecdsa_signature_parse_compact: 'ppp',
  ecdsa_signature_serialize_compact: 'ppp',
  ecdsa_verify: 'pppp',
  ecdsa_sign: 'pppppp',
  xonly_pubkey_parse: 'ppp',
  xonly_pubkey_tweak_add: 'pppp',
  xonly_pubkey_tweak_add_check: 'ppipp',
  keypair_create: 'ppp',
  keypair_xonly_tweak_add: 'ppp',
  keypair_sec: 'ppp',
  schnorrsig_verify: 'pppzp',
  schnorrsig_sign_custom: 'pppzpp',
  ecdh: 'pppphp',
} as const;

type FunctionName = keyof typeof SIGNATURES;

/** The functions of libsecp256k1 by name, without the prefix `secp256k1_`. */
export type SecpFunctions = Readonly<Record<FunctionName, NativeFunction>>;

/** An open library: where it was found, its functions, a context, and koffi to reach memory with. */
export interface SecpLibrary {
  readonly path: string;
  readonly functions: SecpFunctions;
  readonly context: bigint;
  readonly koffi: Koffi;
}

/** The flag SECP256K1_CONTEXT_NONE of secp256k1.h. */
const CONTEXT_NONE = 1;

/**
 * Names under which systems know the library, newest first: .6 is 0.7, .2 is 0.3 to 0.6, .1 is 0.2. A name without a
 * number may be older; then a function is missing and the name is passed over.
 */
export function secpLibraryNames(platform: string): readonly string[] {
  switch (platform) {
    case 'darwin': {
      const names = ['libsecp256k1.6.dylib', 'libsecp256k1.2.dylib', 'libsecp256k1.1.dylib', 'libsecp256k1.dylib'];
      const homebrew = ['/opt/homebrew/lib/libsecp256k1.dylib', '/usr/local/lib/libsecp256k1.dylib'];
      return [...homebrew, ...names, '/opt/local/lib/libsecp256k1.dylib'];
    }
    case 'win32':
      return ['libsecp256k1-6.dll', 'libsecp256k1-2.dll', 'libsecp256k1-1.dll', 'libsecp256k1.dll', 'secp256k1.dll'];
    default:
      return ['libsecp256k1.so.6', 'libsecp256k1.so.2', 'libsecp256k1.so.1', 'libsecp256k1.so'];
  }
}

/** How a person gets the library on this platform. */
export function secpLibraryRemedy(platform: string): string {
  switch (platform) {
    case 'darwin':
      return 'brew install secp256k1';
    case 'win32':
      return 'put libsecp256k1-6.dll on the PATH, or name it in TALLY_SECP256K1';
    default:
      return 'apt-get install libsecp256k1-1 (newer systems: libsecp256k1-2), or name it in TALLY_SECP256K1';
  }
}

/** koffi, or why it does not load. */
function tryKoffi(requireKoffi: () => unknown): Result<Koffi, BackendProblem> {
  try {
    return ok(requireKoffi() as Koffi);
  } catch (error) {
    const missing = error instanceof Error && 'code' in error && error.code === 'MODULE_NOT_FOUND';
    if (missing) return err({ kind: 'absent', detail: 'needs the package koffi', remedy: 'npm install koffi' });
    return err({ kind: 'unusable', detail: `koffi does not load: ${firstLine(error)}` });
  }
}

function firstLine(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).split('\n', 1)[0]!;
}

function bind(koffi: Koffi, path: string): SecpLibrary {
  const library = koffi.load(path);
  const hashFunction = koffi.pointer(koffi.proto('int', [POINTER, POINTER, POINTER, POINTER]));
  const types: Readonly<Record<string, unknown>> = {
    p: POINTER,
    z: 'size_t',
    i: 'int',
    u: 'uint32_t',
    h: hashFunction,
  };
  const functions: Partial<Record<FunctionName, NativeFunction>> = {};
  for (const [name, letters] of Object.entries(SIGNATURES)) {
    const parameters = [...letters].map((letter) => types[letter]);
    const result = name === 'selftest' ? 'void' : 'int';
    functions[name as FunctionName] = library.func(`secp256k1_${name}`, result, parameters) as NativeFunction;
  }
  const createContext = library.func('secp256k1_context_create', POINTER, ['uint32_t']) as (flags: number) => bigint;
  return { path, koffi, context: createContext(CONTEXT_NONE), functions: functions as SecpFunctions };
}

/**
 * Opens the library at `path`, or the first that the system knows by a usual name when `path` is undefined. Missing
 * functions (too old, or built without schnorrsig, extrakeys or ecdh) make it unusable. `requireKoffi` is for tests.
 */
export function openSecpLibrary(
  path: string | undefined,
  platform: string,
  requireKoffi: () => unknown = () => createRequire(import.meta.url)('koffi'),
): Result<SecpLibrary, BackendProblem> {
  const koffi = tryKoffi(requireKoffi);
  if (!koffi.ok) return koffi;
  const problems: string[] = [];
  for (const candidate of path === undefined ? secpLibraryNames(platform) : [path]) {
    try {
      return ok(bind(koffi.value, candidate));
    } catch (error) {
      problems.push(firstLine(error));
    }
  }
  if (path !== undefined)
    return err({ kind: 'unusable', detail: `does not load from TALLY_SECP256K1: ${problems[0]}` });
  const incomplete = problems.find((problem) => problem.includes('secp256k1_'));
  if (incomplete !== undefined) return err({ kind: 'unusable', detail: `is too old or incomplete: ${incomplete}` });
  return err({ kind: 'absent', detail: 'not found', remedy: secpLibraryRemedy(platform) });
}

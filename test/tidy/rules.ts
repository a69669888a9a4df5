// What the tidy test holds: the order of projects and folders, the banned words, who may import which package, and the
// exceptions. Only tables and the sentences that a person reads; how they are checked is in check.ts.

/** Projects, lowest first, each with those it may import. Nothing points up, and neighbours do not know each other. */
export const PROJECTS: Readonly<Record<string, readonly string[]>> = {
  'src/kernel': [],
  'src/node': ['src/kernel'],
  'src/wallet': ['src/kernel'],
  'src/api': ['src/kernel', 'src/node', 'src/wallet'],
  'src/dev': ['src/kernel', 'src/node', 'src/wallet', 'src/api'],
  'src/sim': ['src/kernel', 'src/node', 'src/wallet', 'src/api'],
  'src/platform/node': ['src/kernel', 'src/node', 'src/wallet', 'src/api'],
  'src/platform/browser': ['src/kernel', 'src/node', 'src/wallet', 'src/api'],
  'src/cli': ['src/kernel', 'src/node', 'src/wallet', 'src/api', 'src/dev', 'src/sim', 'src/platform/node'],
  'src/web': ['src/api', 'src/platform/browser'],
};

/**
 * Order of folders, and of files at the top of a project, inside a project: a file imports from its own folder or from one
 * further left. Files at the top that are not named here come last.
 */
export const FOLDER_ORDER: Readonly<Record<string, readonly string[]>> = {
  'src/kernel': ['util', 'crypto', 'encoding', 'primitives', 'script', 'consensus', 'policy', 'chain', 'audit'],
  'src/node': ['ports', 'wire', 'mempool', 'mining', 'index', 'p2p', 'app'],
  'src/wallet': [
    'chain-source',
    'ports',
    'keys',
    'address',
    'bech32-errors',
    'descriptor',
    'spending',
    'musig-index',
    'signature-data',
    'musig-nonces',
    'signature-creator',
    'extract-signatures',
    'sign-musig',
    'sign-miniscript',
    'sign-taproot',
    'signer',
    'sign-transaction',
    'psbt',
    'books',
    'coin-selection',
    'tx-builder',
    'vault',
    'store',
    'wallet',
  ],
  'src/api': [
    'json',
    'errors',
    'amount',
    'base64',
    'signature',
    'parameter-check',
    'arguments',
    'object-check',
    'result-check',
    'named-arguments',
    'named-paths',
    'help',
    'openrpc',
    'app-ports',
    'external-signer',
    'context',
    'schema',
    'schema-words',
    'turns',
    'format',
    'methods',
  ],
};

/** Imports that the order would allow and the design does not. */
export const FORBIDDEN_EDGES: readonly { readonly from: string; readonly to: string; readonly sentence: string }[] = [
  {
    from: 'src/wallet/',
    to: 'src/kernel/chain/',
    sentence: 'the wallet learns about the chain only through its own interface wallet/chain-source.ts',
  },
];

/** Projects that must run anywhere: no clock, no chance, no host. */
const PLATFORM_FREE = ['src/kernel/', 'src/wallet/', 'src/node/', 'src/api/', 'src/sim/'] as const;

/** A word that may not stand in the code below `folders`, why, and what to use instead. Tests are free of it unless said. */
export interface BannedWord {
  readonly rule: string;
  readonly pattern: RegExp;
  readonly folders: readonly string[];
  readonly sentence: string;
  readonly inTests?: boolean;
}

export const BANNED_WORDS: readonly BannedWord[] = [
  {
    rule: 'no-clock',
    pattern: /\bDate\.now\b|\bnew Date\b|\bperformance\.now\b/,
    folders: PLATFORM_FREE,
    sentence: 'nothing here reads the clock: take `now` as a parameter, or a Clock from the ports',
  },
  {
    rule: 'no-chance',
    pattern: /\bMath\.random\b/,
    folders: ['src/', 'test/', 'scripts/'],
    sentence: 'chance must be repeatable and keys must not come from it: take an Rng, or secureRandom for keys',
    inTests: true,
  },
  {
    rule: 'no-buffer',
    pattern: /\bBuffer\b/,
    folders: [...PLATFORM_FREE, 'src/platform/browser/', 'src/web/'],
    sentence: 'Buffer exists in Node alone: use Uint8Array and kernel/util/bytes.ts',
  },
  {
    rule: 'no-console',
    pattern: /\bconsole\s*\./,
    folders: ['src/'],
    sentence: 'the kernel returns, the rest logs: use the Logger that was handed in',
  },
  {
    rule: 'no-global',
    pattern: /\bglobalThis\b/,
    folders: PLATFORM_FREE,
    sentence: 'nothing here reaches for its host: take what you need as a port',
  },
  {
    rule: 'no-bigint-in-script',
    pattern: /\bBigInt\s*\(|\b\d[\d_]*n\b|\b0[xX][\da-fA-F_]+n\b|\bBig(Int|Uint)64Array\b/,
    folders: ['src/kernel/script/'],
    sentence: 'script numbers and amounts are plain numbers: a bigint per opcode is what makes an interpreter slow',
  },
  {
    rule: 'no-parse-int',
    pattern: /\bparseInt\s*\(|\bparseFloat\s*\(/,
    folders: ['src/'],
    sentence: 'parseInt takes the first half of a bad text for a number: check the text, then use Number (J02)',
  },
  {
    rule: 'no-default-sort',
    pattern: /\.(sort|toSorted)\(\s*\)/,
    folders: ['src/'],
    sentence: 'sort() without a comparator orders numbers as texts: give a comparator (J02)',
  },
  {
    rule: 'no-spread-call',
    pattern: /\.push\(\s*\.\.\.[^)]*\bbytes\b/,
    folders: ['src/'],
    sentence: 'push(...array) overflows the stack on a long array: write a loop or use set() (C40)',
  },
  {
    rule: 'no-eval',
    pattern: /\beval\s*\(|\bnew Function\s*\(/,
    folders: ['src/'],
    sentence: 'no code from texts: write the function',
  },
  {
    rule: 'no-default-export',
    pattern: /\bexport default\b/,
    folders: ['src/', 'test/'],
    sentence: 'exports have names: the importer must not invent one',
    inTests: true,
  },
  {
    rule: 'no-signed-shift',
    // Relies on the formatter: an operator has blanks around it, the end of nested type arguments has none.
    pattern: /\|\s*0(?![\w.])|~~|(?:^|\s)(?:>>|<<)=?(?:\s|$)/,
    folders: ['src/kernel/', 'src/wallet/', 'src/node/', 'src/api/'],
    sentence:
      'signed shifts and `| 0` cut numbers to 32 signed bits: use arithmetic, `>>>`, or a helper of util, crypto or encoding (J02)',
  },
];

/** Where 32-bit arithmetic is at home: its users know that every value fits, and their tests say so. */
export const AUDITED_SHIFTS: readonly string[] = ['src/kernel/util/', 'src/kernel/crypto/', 'src/kernel/encoding/'];

/** Shifts that cut nothing: `1 << 11` with both sides written out is a bit, and a shift by a bigint is a bigint's. */
export const HARMLESS_SHIFT: RegExp = /\b1\s*<<\s*(?:[12]?\d|30)\b(?!n)|(?:<<|>>)=?\s*(?:\d+n\b|BigInt\()/g;

/** Packages of others, by folder; the longest folder that fits decides (P04). `node:` stands for all modules of Node. */
export const ALLOWED_PACKAGES: Readonly<Record<string, readonly string[]>> = {
  'src/': [],
  'src/kernel/crypto/': ['@noble/hashes', '@noble/curves', '@noble/ciphers'],
  'src/wallet/': ['@scure/base', '@noble/ciphers', '@noble/hashes'],
  'src/wallet/keys/': ['@scure/base', '@scure/bip32', '@scure/bip39'],
  'src/platform/node/': ['node:', 'koffi', 'classic-level', 'ws'],
  'src/web/': [
    'react',
    'react-dom',
    '@tanstack/react-query',
    '@tanstack/react-router',
    '@tanstack/react-virtual',
    'uplot',
    'qr',
  ],
  'src/cli/': ['node:'],
  'test/': [
    'node:',
    'fast-check',
    'playwright-core',
    'axe-core',
    'ws',
    '@noble/hashes',
    '@noble/curves',
    '@noble/ciphers',
    '@scure/base',
  ],
  'scripts/': ['node:', '@yowasp/clang', 'playwright-core', 'vite', '@vitejs/plugin-react'],
};

/** Tests beside the source may use these besides what their folder may. */
export const TEST_PACKAGES: readonly string[] = [
  'node:',
  'fast-check',
  '@noble/hashes',
  '@noble/curves',
  '@scure/base',
];

/** Notes that say the work is not done. */
export const LEFT_OVER_NOTE: RegExp = /\b(?:TODO|FIXME|XXX|HACK)\b|@ts-(?:ignore|nocheck)\b/;

export const LINE_COUNT_MAX = 700;

/** One place where a rule does not hold. The list may only shrink: an exception that nothing needs fails the test. */
export interface Exception {
  readonly rule: string;
  readonly path: string;
  readonly reason: string;
}

export const EXCEPTIONS: readonly Exception[] = [
  {
    rule: 'no-signed-shift',
    path: 'src/kernel/primitives/partial-merkle-tree.ts',
    reason: 'sets a bit within a byte',
  },
  {
    rule: 'no-default-sort',
    path: 'src/kernel/encoding/golomb.ts',
    reason: 'a typed array sorts its numbers as numbers',
  },
  {
    rule: 'no-signed-shift',
    path: 'src/kernel/consensus/target.ts',
    reason: 'the compact form of a target is defined by shifts of a mantissa of at most 24 bits',
  },
  {
    rule: 'no-signed-shift',
    path: 'src/kernel/consensus/versionbits.ts',
    reason: 'a block version is an int32 by definition, and its bits are numbered 0 to 28',
  },
];

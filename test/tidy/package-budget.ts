// Which packages of others run in which part of the program: each one is somebody else's code with all that the part may do (P04). A
// package that is reached and does not stand here fails the test, and so does one that stands here and is reached no more.

/** A part, where it begins, and the packages that its code leads to, those behind them included. */
export interface PackageBudget {
  readonly part: string;
  /** Files, and folders with all their files. */
  readonly from: readonly string[];
  readonly packages: readonly string[];
}

/** Curves and hashes, audited, of one author, without dependencies outside of the family. */
const ARITHMETIC = ['@noble/curves', '@noble/hashes'] as const;

/** What seals secrets, spells them, and has the lists of words: of the same author. */
const SECRETS = ['@noble/ciphers', '@noble/hashes', '@scure/base', '@scure/bip39'] as const;

export const PACKAGE_BUDGETS: readonly PackageBudget[] = [
  // Arithmetic that is tried with known cases at every start, and replaced by libsecp256k1 where there is one.
  {
    part: 'the rules of the ledger',
    from: ['script', 'consensus', 'policy', 'chain', 'audit'].map((folder) => `src/kernel/${folder}/`),
    packages: ARITHMETIC,
  },
  // Besides: the cipher of connections (BIP324).
  {
    part: 'the node without its platform',
    from: ['src/kernel/', 'src/node/'],
    packages: [...ARITHMETIC, '@noble/ciphers'],
  },
  // Curves are handed in by whoever runs it; only signatures that several people make together (BIP327) add points themselves.
  {
    part: 'keys, signing and what keeps them',
    from: ['src/wallet/'],
    packages: [...SECRETS, '@noble/curves'],
  },
  // Besides: a database, libraries of the system, WebSockets.
  {
    part: 'the daemon',
    from: ['src/cli/tallyd.ts', 'src/cli/tally.ts'],
    packages: [
      ...SECRETS,
      '@noble/curves',
      'classic-level',
      'koffi',
      'ws',
      // Behind classic-level.
      'abstract-level',
      'base64-js',
      'buffer',
      'ieee754',
      'is-buffer',
      'level-supports',
      'level-transcoder',
      'maybe-combine-errors',
      'module-error',
      'napi-macros',
      'node-gyp-build',
    ],
  },
  // What draws it. It sees words and passphrases that are typed there: whatever is added here sees them, too.
  {
    part: 'the page',
    from: ['src/web/main.tsx'],
    packages: [
      ...ARITHMETIC,
      '@scure/bip39',
      '@tanstack/react-query',
      '@tanstack/react-router',
      '@tanstack/react-virtual',
      'qr',
      'react',
      'react-dom',
      'uplot',
      // Behind them, some of them left out of the build, which takes only what is used.
      '@tanstack/history',
      '@tanstack/query-core',
      '@tanstack/react-store',
      '@tanstack/router-core',
      '@tanstack/store',
      '@tanstack/virtual-core',
      'cookie-es',
      'isbot',
      'scheduler',
      'seroval',
      'seroval-plugins',
      'use-sync-external-store',
    ],
  },
];

// A command: every secp256k1 backend of this machine beside the bare library; a part of `npm run bench` alone.
//
//   node --expose-gc --max-semi-space-size=256 dist/test/bench/secp-bench.js [ROUNDS]

import { allBackends } from '../vectors/backends.ts';
import { measureRawLibrary } from './secp-raw.ts';

measureRawLibrary(allBackends(), Number(process.argv[2] ?? 7));

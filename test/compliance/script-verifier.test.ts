// Every ScriptVerifier there is, held to the suite of the port: on the calling thread, in slices, and on threads.

import { setImmediate } from 'node:timers/promises';
import { InlineVerifier } from '../../src/kernel/chain/inline-verifier.ts';
import { nobleSecp256k1 } from '../../src/kernel/crypto/secp256k1-noble.ts';
import { InputVerifier } from '../../src/kernel/script/verify.ts';
import { openScriptVerifier } from '../../src/platform/node/script-workers.ts';
import { checkScriptVerifier } from './script-verifier.ts';

/** Threads are started from compiled files. */
const skip = import.meta.url.endsWith('.ts') && 'threads run the compiled project only';

checkScriptVerifier('InlineVerifier', async () => new InlineVerifier(new InputVerifier(nobleSecp256k1)));

checkScriptVerifier('InlineVerifier with pauses', async () => {
  const pause = (): Promise<void> => setImmediate();
  return new InlineVerifier(new InputVerifier(nobleSecp256k1), { pause, inputsPerPause: 1 });
});

checkScriptVerifier('the calling thread in slices', () => openScriptVerifier(1, nobleSecp256k1));

for (const threadCount of [2, 3]) {
  checkScriptVerifier(`ScriptWorkers, ${threadCount}`, () => openScriptVerifier(threadCount, nobleSecp256k1), { skip });
}

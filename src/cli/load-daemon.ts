// Loads the daemon part by part, lowest first. Asked for as a whole, Node would open hundreds of its files at the same moment, more than
// a system with few file descriptors allows; every part has far fewer, and finds those below it loaded.

import type { runDaemon } from './daemon.ts';

/** The daemon, once all of it is there. */
export async function loadDaemon(): Promise<{ readonly runDaemon: typeof runDaemon }> {
  await import('../kernel/script/verify.ts');
  await import('../kernel/chain/chainstate.ts');
  await import('../node/p2p/peer-manager.ts');
  await import('../node/app/node.ts');
  await import('../wallet/books/wallet-books.ts');
  await import('../wallet/wallet/wallet-manager.ts');
  await import('../api/wallet-bridge.ts');
  await import('../api/all-methods.ts');
  return import('./daemon.ts');
}

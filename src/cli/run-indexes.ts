// The indexes of a program, made from its settings.

import type { Chainstate } from '../kernel/chain/chainstate.ts';
import { IndexDataMissingError, IndexService } from '../node/app/index-service.ts';
import type { Clock, Timers } from '../node/ports.ts';
import { createHostRng } from '../platform/node/host-rng.ts';
import { describeFatalError, formatError, StartupError } from './error-text.ts';
import type { IndexSettings } from './index-options.ts';
import { createIndexStorage } from './index-storage.ts';
import type { Logger } from './log.ts';
import { LOG_FILE_NAME } from './log-file.ts';

/** What indexes are run with. */
export interface IndexRun {
  readonly indexes: IndexSettings;
  /** Folder of the network. */
  readonly folder: string;
  readonly log: Logger;
  readonly clock: Clock;
  readonly timers: Timers;
}

/** Opens the indexes of a chain; its owner closes them before the chain. Rejects with a StartupError or a StorageError. */
export async function startIndexes(
  run: IndexRun,
  chain: Chainstate,
  onFatal: (error: unknown) => void,
): Promise<IndexService> {
  const { indexes, folder, log, clock, timers } = run;
  const storage = createIndexStorage(folder, log);
  try {
    return await IndexService.start(indexes, { chain, storage, clock, timers, log, rng: createHostRng(), onFatal });
  } catch (cause) {
    if (cause instanceof IndexDataMissingError) throw new StartupError(describeMissing(cause), { cause });
    throw cause;
  }
}

/** Core tells it twice: of the index, and of the program. */
function describeMissing({ message }: IndexDataMissingError): string {
  const fatal = describeFatalError('Failed to start indexes, shutting down…', LOG_FILE_NAME);
  return `${message}\n${formatError(fatal).trimEnd()}`;
}

// Any failure in words: one for people where somebody foresaw it, one for the developers where nobody did.

import { SnapshotRefutedError } from '../kernel/chain/background-chain.ts';
import { StorageError, VerifierError } from '../kernel/chain/ports.ts';
import { describeStorageError, RebuildNeededError, StartupError } from './error-text.ts';

/** What a person is told about something that was thrown, without `Error: ` in front. */
export function describeFailure(error: unknown): string {
  if (error instanceof RebuildNeededError && error.cause !== undefined) return describeFailure(error.cause);
  if (error instanceof StartupError || error instanceof SnapshotRefutedError) return error.message;
  if (error instanceof StorageError) return describeStorageError(error);
  if (error instanceof VerifierError) {
    return `Scripts could not be verified: ${describeCauses(error)}\nNo block was judged by this. Start again; if it happens again, check the memory of this machine.`;
  }
  const details = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return `This should not have happened, and is a fault of this program. Please report it with these lines:\n${details}`;
}

/** The first sentence about something that ended the program, which says that more is in the log: of storage Core's words alone. */
export function describeHeadline(error: unknown): string {
  const words = describeFailure(error);
  return error instanceof StorageError ? words.split('\n', 1)[0]! : words;
}

/** A message with those of its causes. */
function describeCauses(error: Error): string {
  return error.cause instanceof Error ? `${error.message}: ${describeCauses(error.cause)}` : error.message;
}

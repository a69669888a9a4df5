// Why the RPC server cannot be started. Core tells the person one sentence and the log the reason; so do we.

import { StartupError } from './error-text.ts';

/** What Core says whenever its server cannot be started; the log says why. */
export const HTTP_SERVER_FAILURE = 'Unable to start HTTP server. See debug log for details.';

/** Why the server cannot be started: the sentence is for the log, and the person is sent there. */
export class RpcStartError extends StartupError {
  readonly reason: string;

  constructor(reason: string, options?: ErrorOptions) {
    super(HTTP_SERVER_FAILURE, options);
    this.reason = reason;
  }
}

// Lines of the debug log that handlers and machines write; effects carry them to the shell.

/** A text that is made only when somebody reads it. */
export type LogText = string | (() => string);

/** Categories of the debug lines of handlers. */
export type P2pLogCategory =
  | 'net'
  | 'addrman'
  | 'cmpctblock'
  | 'mempool'
  | 'mempoolrej'
  | 'privatebroadcast'
  | 'txpackages'
  | 'txreconciliation'
  | 'validation';

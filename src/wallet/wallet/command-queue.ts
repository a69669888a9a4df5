// One after another: a wallet does what it is asked in the order in which it was asked, and begins nothing before what came first is
// done and stored. So two payments never choose the same coin, and whoever reads sees no half of a change.

/** Commands of one wallet. */
export class CommandQueue {
  #last: Promise<unknown> = Promise.resolve();
  #isClosed = false;

  /** Does something when everything before it is done; rejects with a {@link QueueClosedError} when nothing is taken any more. */
  run<T>(command: () => T | Promise<T>): Promise<T> {
    if (this.#isClosed) return Promise.reject(new QueueClosedError('the wallet is closed'));
    const result = this.#last.then(command);
    this.#last = result.catch(() => undefined);
    return result;
  }

  /** Takes no more; resolves when what was taken is done. */
  async close(): Promise<void> {
    this.#isClosed = true;
    await this.#last;
  }
}

/** The wallet takes no commands any more. */
export class QueueClosedError extends Error {
  override readonly name = 'QueueClosedError';
}

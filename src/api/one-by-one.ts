// Work of several calls, one after another: what holds the loop for some milliseconds by itself, such as unpacking a block that was
// read, would hold it for as many times that when the reads of many calls end at the same moment.

/** Runs one piece of work at a time, in the order in which they were asked for. */
export class OneByOne {
  #last: Promise<unknown> = Promise.resolve();

  /** Begins when everything before has ended, well or badly. */
  run<T>(work: () => Promise<T>): Promise<T> {
    const result = this.#last.then(work);
    this.#last = result.catch(() => undefined);
    return result;
  }
}

// A queue over a ring: both ends cost the same however long it is. An array whose head is shifted off copies itself every time.

const CAPACITY_MIN = 16;

/** A queue that grows as needed, and gives memory back when it has become short. */
export class Deque<T> {
  #ring: (T | undefined)[] = new Array(CAPACITY_MIN);
  #head = 0;
  #length = 0;

  get length(): number {
    return this.#length;
  }

  /** The first element, or undefined. */
  get first(): T | undefined {
    return this.#ring[this.#head];
  }

  /** Adds an element at the end. */
  push(value: T): void {
    if (this.#length === this.#ring.length) this.#resize(2 * this.#ring.length);
    this.#ring[(this.#head + this.#length) % this.#ring.length] = value;
    this.#length++;
  }

  /** Takes the first element off; undefined when there is none. */
  shift(): T | undefined {
    if (this.#length === 0) return undefined;
    const value = this.#ring[this.#head];
    this.#ring[this.#head] = undefined;
    this.#head = (this.#head + 1) % this.#ring.length;
    this.#length--;
    if (this.#length * 4 < this.#ring.length && this.#ring.length > CAPACITY_MIN) this.#resize(this.#ring.length / 2);
    return value;
  }

  /** Removes everything. */
  clear(): void {
    this.#ring = new Array(CAPACITY_MIN);
    this.#head = 0;
    this.#length = 0;
  }

  /** The elements from first to last; the queue must not change meanwhile. */
  *[Symbol.iterator](): Generator<T, void, undefined> {
    for (let i = 0; i < this.#length; i++) yield this.#ring[(this.#head + i) % this.#ring.length] as T;
  }

  #resize(capacity: number): void {
    const ring: (T | undefined)[] = new Array(capacity);
    let count = 0;
    for (const value of this) ring[count++] = value;
    this.#ring = ring;
    this.#head = 0;
  }
}

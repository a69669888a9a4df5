// How English counts things: one coin, two coins. Chinese needs none of it.

/** A count, as it is written, with what is counted; `plural` where an s is not enough. */
export function counted(count: string, noun: string, plural = `${noun}s`): string {
  return `${count} ${count === '1' ? noun : plural}`;
}

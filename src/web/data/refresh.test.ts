import assert from 'node:assert/strict';
import { mock, test } from 'node:test';
import type { QueryClient } from '@tanstack/react-query';
import { refresh } from './refresh.ts';

/** Counts what is asked for; answers come when the test says so. */
class SlowQueries {
  readonly asked: string[] = [];
  #answer: (() => void)[] = [];

  invalidateQueries({ queryKey }: { readonly queryKey: readonly unknown[] }): Promise<void> {
    this.asked.push(queryKey.join(' '));
    return new Promise((resolve) => this.#answer.push(resolve));
  }

  /** Everything that is under way is answered, and the pause after it is over. */
  async answer(): Promise<void> {
    for (const resolve of this.#answer.splice(0)) resolve();
    await Promise.resolve();
    mock.timers.tick(1000);
    for (let i = 0; i < 5; i++) await Promise.resolve();
  }
}

test('a hundred blocks while an answer is on its way lead to one more question, and none after that', async () => {
  mock.timers.enable({ apis: ['setTimeout'] });
  const slow = new SlowQueries();
  const queries = slow as unknown as QueryClient;
  for (let i = 0; i < 100; i++) refresh(queries, ['chain']);
  assert.deepEqual(slow.asked, ['chain']);
  await slow.answer();
  assert.deepEqual(slow.asked, ['chain', 'chain']);
  await slow.answer();
  assert.deepEqual(slow.asked, ['chain', 'chain']);
  refresh(queries, ['chain']);
  assert.deepEqual(slow.asked, ['chain', 'chain', 'chain']);
  mock.timers.reset();
});

test('different questions do not wait for each other', () => {
  const slow = new SlowQueries();
  const queries = slow as unknown as QueryClient;
  refresh(queries, ['chain']);
  refresh(queries, ['wallet', 'a']);
  refresh(queries, ['wallet', 'b']);
  assert.deepEqual(slow.asked, ['chain', 'wallet a', 'wallet b']);
});

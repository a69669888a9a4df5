import assert from 'node:assert/strict';
import { test } from 'node:test';
import { QueryClient, QueryObserver } from '@tanstack/react-query';
import { ConnectionError, RpcCallError } from '../../api/client.ts';
import { LiveQueries } from './live-queries.ts';

/** A question on screen that goes wrong each time; counts how often it was asked. */
class Question {
  readonly #observer: QueryObserver<unknown, Error, unknown, unknown, string[]>;
  readonly #stop: () => void;
  asked = 0;

  constructor(queries: QueryClient, name: string, error: Error) {
    const queryFn = (): Promise<unknown> => {
      this.asked++;
      return Promise.reject(error);
    };
    this.#observer = new QueryObserver(queries, { queryKey: ['address', name], queryFn, retry: false });
    this.#stop = this.#observer.subscribe(() => undefined);
  }

  /** Resolves once nothing is under way. */
  async isIdle(): Promise<void> {
    while (this.#observer.getCurrentResult().fetchStatus !== 'idle')
      await new Promise((resolve) => setTimeout(resolve, 1));
  }

  close(): void {
    this.#stop();
  }
}

test('what was lost on the way is asked again as soon as events come, and what was refused is not', async () => {
  const queries = new QueryClient({ defaultOptions: { queries: { gcTime: 0, networkMode: 'always' } } });
  const live = new LiveQueries(queries);
  const lost = new Question(queries, 'lost', new ConnectionError('unreachable', 'nobody answers'));
  const refused = new Question(queries, 'refused', new RpcCallError('getaddressbalance', -5, 'no address'));
  await lost.isIdle();
  await refused.isIdle();
  assert.deepEqual([lost.asked, refused.asked], [1, 1]);
  live.stateChanged('open');
  await lost.isIdle();
  await refused.isIdle();
  assert.deepEqual([lost.asked, refused.asked], [2, 1]);
  live.close();
  lost.close();
  refused.close();
});

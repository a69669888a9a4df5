import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Signal } from './signal.ts';

describe('signal', () => {
  it('tells listeners in the order of their subscriptions', () => {
    const signal = new Signal<number>();
    const heard: string[] = [];
    signal.subscribe((n) => heard.push(`a${n}`));
    signal.subscribe((n) => heard.push(`b${n}`));
    signal.emit(1);
    signal.emit(2);
    assert.deepEqual(heard, ['a1', 'b1', 'a2', 'b2']);
  });

  it('ends one subscription at a time, also of a function that subscribed twice', () => {
    const signal = new Signal<null>();
    let count = 0;
    const listener = (): void => {
      count += 1;
    };
    const first = signal.subscribe(listener);
    signal.subscribe(listener);
    first();
    first();
    signal.emit(null);
    assert.equal(count, 1);
    assert.equal(signal.hasListeners, true);
  });

  it('lets a listener end its own subscription', () => {
    const signal = new Signal<null>();
    let count = 0;
    const end = signal.subscribe(() => {
      count += 1;
      end();
    });
    signal.emit(null);
    signal.emit(null);
    assert.equal(count, 1);
    assert.equal(signal.hasListeners, false);
  });
});

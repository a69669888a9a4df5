import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ManualTime } from '../../../test/model/manual-time.ts';
import { addTo, coin, createPool, payment } from '../../../test/model/pool-fixture.ts';
import { MemoryDisk } from '../../kernel/chain/memory-disk.ts';
import { MemoryFolder } from '../../kernel/chain/memory-folder.ts';
import { writeFileAtomic } from '../../kernel/chain/write-file-atomic.ts';
import { createRng } from '../../kernel/util/prng.ts';
import { nullLogger } from '../ports.ts';
import { FEE_FILE_NAME, FeeService, type FeeServiceParts } from './fee-service.ts';

/** A folder whose files have an age. */
class DatedFolder extends MemoryFolder {
  writtenSec: number | null = null;

  override async modifiedSec(_name: string): Promise<number | null> {
    return this.writtenSec;
  }
}

class World {
  readonly time: ManualTime = new ManualTime(1_800_000_000);
  readonly folder: DatedFolder = new DatedFolder('net', new MemoryDisk());
  readonly lines: string[] = [];

  create(options: Partial<FeeServiceParts> = {}): FeeService {
    const write = (text: string): number => this.lines.push(text);
    return new FeeService({
      folder: this.folder,
      clock: this.time,
      timers: this.time,
      log: { info: write, warn: write, error: write, debug: () => undefined },
      rng: createRng(3),
      acceptsStale: false,
      ...options,
    });
  }
}

function noFailure(error: unknown): void {
  assert.fail(String(error));
}

test('the estimator learns from the mempool, and what it learnt is there in the next run', async () => {
  const world = new World();
  const first = world.create();
  await first.load();
  assert.deepEqual(world.lines, ['fee_estimates.dat is not found. Continue anyway.']);
  const pool = createPool();
  first.start(pool.signals, noFailure);
  addTo(pool, payment([coin(1)]));
  first.estimator.blockConnected(7, []);
  await first.stop();
  const second = world.create();
  await second.load();
  assert.equal(second.estimator.history().bestHeight, 7);
});

test('the file is written every hour, and a line tells it', async () => {
  const world = new World();
  const told: string[] = [];
  const log = { ...nullLogger, debug: (category: string, text: () => string) => told.push(`${category}: ${text()}`) };
  const service = world.create({ log });
  service.start(createPool().signals, noFailure);
  assert.equal(await world.folder.exists(FEE_FILE_NAME), false);
  await world.time.advance(3_600_000);
  assert.equal(await world.folder.exists(FEE_FILE_NAME), true);
  await service.stop();
  const line = `estimatefee: Flushed fee estimates to ${world.folder.path}/fee_estimates.dat.`;
  assert.deepEqual(told, [line, line], 'after an hour and at the end');
});

test('a file that is damaged or older than sixty hours is of no use, and no failure', async () => {
  const world = new World();
  const writer = world.create();
  writer.estimator.blockConnected(7, []);
  await writer.stop();
  const nowSec = Math.floor(world.time.wallMs() / 1000);

  world.folder.writtenSec = nowSec - 60 * 3600;
  const fresh = world.create();
  await fresh.load();
  assert.equal(fresh.estimator.history().bestHeight, 7);

  world.folder.writtenSec = nowSec - 61 * 3600;
  const stale = world.create();
  await stale.load();
  assert.equal(stale.estimator.history().bestHeight, 0);
  assert.match(
    world.lines.at(-1)!,
    /too old \(age=61 > 60 hours\) and will not be used to avoid serving stale estimates\.$/,
  );
  const forced = world.create({ acceptsStale: true });
  await forced.load();
  assert.equal(forced.estimator.history().bestHeight, 7);

  world.folder.writtenSec = nowSec;
  await writeFileAtomic(world.folder, FEE_FILE_NAME, new Uint8Array(50));
  const damaged = world.create();
  await damaged.load();
  assert.equal(world.lines.at(-1), 'Failed to read fee estimates from fee_estimates.dat. Continue anyway.');
});

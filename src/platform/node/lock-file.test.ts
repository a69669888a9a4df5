import assert from 'node:assert/strict';
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { existsSync, lstatSync, mkdirSync, readdirSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { StorageError } from '../../kernel/chain/ports.ts';
import { lockFolder } from './lock-file.ts';

const LOCK_MODULE = import.meta.url.replace('lock-file.test', 'lock-file');

/** Runs a module text in another process; `--test` and its like are not for it. */
function run(code: string): ChildProcess {
  const flags = process.execArgv.filter((flag) => !flag.startsWith('--test'));
  const env = { ...process.env };
  delete env['NODE_TEST_CONTEXT'];
  const stdio = ['ignore', 'pipe', 'inherit'] as const;
  return spawn(process.execPath, [...flags, '--input-type=module', '-e', code], { env, stdio: [...stdio] });
}

/** Another process that locks the folder, tells so, and stays until it is killed. */
async function holdElsewhere(path: string): Promise<ChildProcess> {
  const child = run(`
    import { lockFolder } from ${JSON.stringify(LOCK_MODULE)};
    await lockFolder(${JSON.stringify(path)}, 'Tallystick');
    process.stdout.write('locked');
    setInterval(() => {}, 1000);
  `);
  await new Promise((resolve, reject) => {
    child.stdout!.once('data', resolve);
    child.once('exit', () => reject(new Error('the other process ended')));
  });
  return child;
}

function ended(child: ChildProcess): Promise<void> {
  return new Promise((resolve) => {
    child.once('exit', () => resolve());
  });
}

/** Calls `body` while the temporary folder of the system is another one. */
async function withTemporaryFolder(path: string, body: () => Promise<void>): Promise<void> {
  const before = process.env['TMPDIR'];
  process.env['TMPDIR'] = path;
  try {
    await body();
  } finally {
    if (before === undefined) delete process.env['TMPDIR'];
    else process.env['TMPDIR'] = before;
  }
}

async function withFolder(body: (path: string) => Promise<void>): Promise<void> {
  const path = await mkdtemp(join(tmpdir(), 'tally-lock-'));
  try {
    await body(path);
  } finally {
    await rm(path, { recursive: true });
  }
}

test('a second process cannot lock a folder, and can once the first is killed (S09)', async () => {
  await withFolder(async (path) => {
    const holder = await holdElsewhere(path);
    await assert.rejects(lockFolder(path, 'Tallystick'), (error: unknown) => {
      assert.ok(error instanceof StorageError && error.code === 'locked');
      assert.equal(error.message, `Cannot obtain a lock on directory ${path}. Tallystick is probably already running.`);
      return true;
    });
    // the failed attempt has taken nothing from the holder
    await assert.rejects(lockFolder(path, 'Tallystick'), { code: 'locked' });
    holder.kill('SIGKILL');
    await ended(holder);
    const lock = await lockFolder(path, 'Tallystick');
    await lock.release();
  });
});

test('within one process a folder is locked once, and a second attempt does not lose the lock (S09)', async () => {
  await withFolder(async (path) => {
    const lock = await lockFolder(path, 'Tallystick');
    await assert.rejects(lockFolder(path, 'Tallystick'), { code: 'locked' });
    await assert.rejects(lockFolder(join(path, '.'), 'Tallystick'), { code: 'locked' });
    const other = run(`
      import { lockFolder } from ${JSON.stringify(LOCK_MODULE)};
      await lockFolder(${JSON.stringify(path)}, 'Tallystick').then(() => process.exit(1), () => process.exit(7));
    `);
    const code = await new Promise((resolve) => {
      other.once('exit', resolve);
    });
    assert.equal(code, 7);
    await lock.release();
    await (await lockFolder(path, 'Tallystick')).release();
  });
});

test('nothing but an empty plain file is left in the folder, while it is locked and after', async () => {
  await withFolder(async (parent) => {
    const [path, temporary] = [join(parent, 'data'), join(parent, 'temporary')];
    mkdirSync(path);
    const lockAndLook = async (): Promise<void> => {
      const lock = await lockFolder(path, 'Tallystick');
      for (const step of ['locked', 'released']) {
        assert.deepEqual(readdirSync(path), ['.lock'], step);
        const stats = lstatSync(join(path, '.lock'));
        assert.deepEqual([stats.isFile(), stats.size], [true, 0]);
        if (step === 'locked') await lock.release();
      }
    };
    await withTemporaryFolder(temporary, lockAndLook);
    mkdirSync(temporary);
    await withTemporaryFolder(temporary, lockAndLook);
    assert.deepEqual(readdirSync(temporary), []);
  });
});

test('many processes that come at once: one has the lock, and it is the same one until it ends (S09)', async () => {
  await withFolder(async (path) => {
    const code = `
      import { lockFolder } from ${JSON.stringify(LOCK_MODULE)};
      await lockFolder(${JSON.stringify(path)}, 'Tallystick').then(
        () => { process.stdout.write('locked'); setInterval(() => {}, 1000); },
        (error) => { process.exitCode = error.code === 'locked' ? 7 : 1; },
      );
    `;
    const others = Array.from({ length: 6 }, () => run(code));
    let lockedCount = 0;
    const verdicts = others.map(
      (other) =>
        new Promise<number | null>((resolve) => {
          other.once('exit', resolve);
          other.stdout!.once('data', () => {
            lockedCount++;
            resolve(null);
          });
        }),
    );
    const codes = await Promise.all(verdicts);
    assert.equal(lockedCount, 1);
    assert.deepEqual(codes.filter((code) => code !== null).sort(), [7, 7, 7, 7, 7]);
    const winner = others[codes.indexOf(null)]!;
    await assert.rejects(lockFolder(path, 'Tallystick'), { code: 'locked' });
    winner.kill('SIGKILL');
    await ended(winner);
    await (await lockFolder(path, 'Tallystick')).release();
  });
});

test('whoever has the lock may take its file away, and even then nobody else has one at the same time (S09)', async () => {
  await withFolder(async (path) => {
    const witness = join(path, 'witness');
    const code = `
      import { rmSync, writeFileSync } from 'node:fs';
      import { lockFolder } from ${JSON.stringify(LOCK_MODULE)};
      for (let had = 0; had < 30; ) {
        const lock = await lockFolder(${JSON.stringify(path)}, 'Tallystick').catch((error) => {
          if (error.code !== 'locked') throw error;
          return null;
        });
        if (lock === null) continue;
        writeFileSync(${JSON.stringify(witness)}, '', { flag: 'wx' });
        await new Promise((resolve) => setImmediate(resolve));
        rmSync(${JSON.stringify(witness)});
        await lock.remove();
        had++;
      }
    `;
    const others = Array.from({ length: 3 }, () => run(code));
    const codes = await Promise.all(others.map((other) => new Promise((resolve) => other.once('exit', resolve))));
    assert.deepEqual(codes, [0, 0, 0]);
    assert.deepEqual(readdirSync(path), []);
  });
});

test('a folder that does not exist cannot be locked, and is not made', async () => {
  await withFolder(async (parent) => {
    const path = join(parent, 'nowhere');
    await assert.rejects(lockFolder(path, 'Tallystick'), StorageError);
    assert.equal(existsSync(path), false);
  });
});

test('the lock is on the file .lock in the way of Core, in both directions (S09)', async (context: TestContext) => {
  if (process.platform === 'win32' || spawnSync('python3', ['--version']).status !== 0) {
    context.skip('needs POSIX locks, and python3 to take one');
    return;
  }
  const lockf = 'import fcntl, sys\nf = open(sys.argv[1], "a+")\nfcntl.lockf(f, fcntl.LOCK_EX | fcntl.LOCK_NB)\n';
  await withFolder(async (path) => {
    const file = join(path, '.lock');
    const lock = await lockFolder(path, 'Tallystick');
    assert.ok(lstatSync(file).isFile());
    assert.notEqual(spawnSync('python3', ['-c', lockf, file]).status, 0, 'the other program is kept out');
    await lock.release();
    assert.equal(spawnSync('python3', ['-c', lockf, file]).status, 0);

    const holder = spawn('python3', ['-c', `${lockf}print("locked", flush=True)\nsys.stdin.read()`, file]);
    await new Promise((resolve) => {
      holder.stdout.once('data', resolve);
    });
    await assert.rejects(lockFolder(path, 'Tallystick'), { code: 'locked' });
    holder.kill('SIGKILL');
    await ended(holder);
    await (await lockFolder(path, 'Tallystick')).release();
  });
});

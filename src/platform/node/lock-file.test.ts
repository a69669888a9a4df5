import assert from 'node:assert/strict';
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { existsSync, lstatSync, readdirSync, writeFileSync } from 'node:fs';
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

test('a damaged lock folder is no reason not to start', async () => {
  await withFolder(async (path) => {
    await (await lockFolder(path, 'Tallystick')).release();
    const folder = join(path, '.lock.d');
    for (const name of readdirSync(folder)) {
      if (name !== 'LOCK') writeFileSync(join(folder, name), 'damaged');
    }
    const lock = await lockFolder(path, 'Tallystick');
    await lock.release();
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

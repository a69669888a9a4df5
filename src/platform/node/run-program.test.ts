import assert from 'node:assert/strict';
import { test } from 'node:test';
import { runProgram } from './run-program.ts';

/** Node itself is the program: a script as its word. */
function run(script: string, input = '', ends: AbortSignal = new AbortController().signal) {
  return runProgram([process.execPath, '-e', script], input, ends);
}

test('a program is handed a text and waited for; the first lines of what it writes are told, and its code', async () => {
  const echo =
    "process.stdin.on('data', (d) => process.stdout.write(d + '!\\nmore')); console.error('oh'); console.error('dear')";
  assert.deepEqual(await run(echo, 'héllo'), { exitCode: 0, output: 'héllo!', complaint: 'oh' });
  assert.deepEqual(await run('process.exit(3)', 'who reads this'), { exitCode: 3, output: '', complaint: '' });
});

test('words are not read by a shell', async () => {
  const words = [process.execPath, '-e', 'console.log(process.argv[1])', '$(id); "x" *'];
  const { output } = await runProgram(words, '', new AbortController().signal);
  assert.equal(output, '$(id); "x" *');
});

test('a program that is not there, or may not be run, is told in words of the system', async () => {
  const { signal } = new AbortController();
  await assert.rejects(
    runProgram(['/no/such/program'], '', signal),
    /^Error: execve failed: No such file or directory$/,
  );
  await assert.rejects(runProgram(['/etc/passwd'], '', signal), /^Error: execve failed: Permission denied$/);
  await assert.rejects(runProgram([''], '', signal));
});

test('a program that never ends is ended with this one, and one that writes without end is ended', async () => {
  const ending = new AbortController();
  const running = run('setInterval(() => {}, 1000)', '', ending.signal);
  ending.abort();
  await assert.rejects(running, { name: 'AbortError' });
  const endless = 'const b = Buffer.alloc(1 << 20, 120); const w = () => process.stdout.write(b, w); w()';
  await assert.rejects(run(endless), /wrote more than 16777216 bytes/);
  await assert.rejects(run("process.kill(process.pid, 'SIGTERM')"), /was ended by SIGTERM/);
});

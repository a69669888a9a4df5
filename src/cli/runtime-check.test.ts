// D21: who runs a Node.js with the fault of hashed numbers is told, and nobody else.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { describeRuntimeFault } from './runtime-check.ts';

test('D21: versions with the fault are named with the version that has it not', () => {
  const wanted = (version: string): string | undefined =>
    /please update to (\S+) or later/.exec(describeRuntimeFault(version) ?? '')?.[1];
  assert.deepEqual(
    ['v20.19.0', 'v20.20.1', 'v21.7.3', 'v22.22.1', 'v23.11.0', 'v24.14.0', 'v25.8.1', 'v25.0.0'].map(wanted),
    ['20.20.2', '20.20.2', '22.22.2', '22.22.2', '24.14.1', '24.14.1', '25.8.2', '25.8.2'],
  );
  for (const version of ['v20.20.2', 'v20.21.0', 'v22.22.2', 'v24.15.0', 'v25.8.2', 'v26.0.0', 'v27.1.0-nightly']) {
    assert.equal(describeRuntimeFault(version), null, version);
  }
});

// Descriptors as text, without private keys and without the checksum (Core Descriptor::ToString).

import type { KeyPrefixes } from '../../kernel/consensus/params.ts';
import { assert } from '../../kernel/util/assert.ts';
import { toHex } from '../../kernel/util/bytes.ts';
import { formatAddress } from '../address.ts';
import { formatExtendedPublicKey, HARDENED_START } from '../keys/extended-key.ts';
import { type Descriptor, mapKeys, type ScriptKey, type TreeLeaf, type WrittenOrigin } from './descriptor.ts';
import { formatMiniscript } from './miniscript/format-miniscript.ts';

/** The text of a descriptor with one alternative. */
export function formatDescriptor(descriptor: Descriptor, prefixes: KeyPrefixes): string {
  switch (descriptor.type) {
    case 'addr': {
      const address = formatAddress(descriptor.script, prefixes);
      assert(address !== null, 'descriptor: addr() holds the script of an address');
      return `addr(${address})`;
    }
    case 'raw':
      return `raw(${toHex(descriptor.script)})`;
    case 'multi':
    case 'sortedmulti':
    case 'multi_a':
    case 'sortedmulti_a': {
      const keys = descriptor.keys.map((key) => formatKey(key, prefixes));
      return `${descriptor.type}(${[descriptor.required, ...keys].join(',')})`;
    }
    case 'miniscript':
      return formatMiniscript(descriptor.root, (key) => formatKey(descriptor.keys[key]!, prefixes));
    case 'sh':
    case 'wsh':
      return `${descriptor.type}(${formatDescriptor(descriptor.inner, prefixes)})`;
    case 'tr': {
      const key = formatKey(descriptor.internalKey, prefixes);
      const { leaves } = descriptor;
      return leaves.length === 0 ? `tr(${key})` : `tr(${key},${formatLeaves(leaves, prefixes)})`;
    }
    default:
      return `${descriptor.type}(${formatKey(descriptor.key, prefixes)})`;
  }
}

/** The same, with every hardened step marked by h, whatever mark it was given with (Core ToNormalizedString). */
export function formatUniformDescriptor(descriptor: Descriptor, prefixes: KeyPrefixes): string {
  const uniform = mapKeys(descriptor, (key) => {
    const origin = key.origin && { ...key.origin, usesApostrophe: false };
    return key.kind === 'fixed' ? { ...key, origin } : { ...key, origin, usesApostrophe: false };
  });
  return formatDescriptor(uniform, prefixes);
}

/** Leaves in depth-first order with the braces that their depths ask for. */
function formatLeaves(leaves: readonly TreeLeaf[], prefixes: KeyPrefixes): string {
  const branches: boolean[] = [];
  let text = '';
  for (const [i, { depth, descriptor }] of leaves.entries()) {
    if (i > 0) text += ',';
    while (branches.length < depth) {
      text += '{';
      branches.push(false);
    }
    text += formatDescriptor(descriptor, prefixes);
    while (branches.at(-1) === true) {
      text += '}';
      branches.pop();
    }
    if (branches.length > 0) branches[branches.length - 1] = true;
  }
  return text;
}

/** The text of a key with one alternative. */
export function formatKey(key: ScriptKey, prefixes: KeyPrefixes): string {
  if (key.kind === 'musig') {
    const participants = key.participants.map((one) => formatKey(one, prefixes));
    assert(key.paths.length === 1, 'descriptor: one of the alternatives was selected');
    return `musig(${participants.join(',')})${formatPath(key.paths[0]!, false)}${key.range === 'none' ? '' : '/*'}`;
  }
  const origin = key.origin === null ? '' : formatOrigin(key.origin);
  if (key.kind === 'fixed') return origin + toHex(key.isXOnly ? key.publicKey.subarray(1) : key.publicKey);
  const { root, paths, range, usesApostrophe } = key;
  assert(paths.length === 1, 'descriptor: one of the alternatives was selected');
  const star = range === 'none' ? '' : `/*${range === 'hardened' ? mark(usesApostrophe) : ''}`;
  const rootText = formatExtendedPublicKey(root, prefixes.extendedPublicKey);
  return origin + rootText + formatPath(paths[0]!, usesApostrophe) + star;
}

function mark(usesApostrophe: boolean): string {
  return usesApostrophe ? "'" : 'h';
}

function formatOrigin({ fingerprint, path, usesApostrophe }: WrittenOrigin): string {
  return `[${toHex(fingerprint)}${formatPath(path, usesApostrophe)}]`;
}

/** Steps of a path, each with a slash before it. */
export function formatPath(path: readonly number[], usesApostrophe: boolean): string {
  return path
    .map((step) => (step >= HARDENED_START ? `/${step - HARDENED_START}${mark(usesApostrophe)}` : `/${step}`))
    .join('');
}

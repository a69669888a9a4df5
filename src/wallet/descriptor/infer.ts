// The descriptor that says the most about an output script (Core InferDescriptor): the keys where the script or the key ring shows
// them, else the address, else the bytes.

import type { KeyPrefixes } from '../../kernel/consensus/params.ts';
import type { Secp256k1 } from '../../kernel/crypto/secp256k1.ts';
import { matchMultiA, solveOutput } from '../../kernel/script/solver.ts';
import { formatAddress } from '../address.ts';
import { addDescriptorChecksum } from './checksum.ts';
import type { Descriptor, TreeLeaf } from './descriptor.ts';
import { formatDescriptor } from './format.ts';
import { inferKey, inferXOnlyKey } from './infer-key.ts';
import { inferMiniscript } from './infer-miniscript.ts';
import { KeyRing } from './key-ring.ts';
import type { DescriptorPlace } from './parse-key.ts';

/** What inference looks at besides the script. */
interface Inference {
  readonly prefixes: KeyPrefixes;
  readonly secp: Secp256k1;
  readonly ring: KeyRing;
}

const NO_KEYS = new KeyRing();

/** The descriptor of a script, with its checksum. */
export function inferDescriptor(
  script: Uint8Array,
  prefixes: KeyPrefixes,
  secp: Secp256k1,
  ring: KeyRing = NO_KEYS,
): string {
  const inference: Inference = { prefixes, secp, ring };
  const descriptor = infer(script, 'top', inference) ?? inferWhole(script, prefixes);
  return addDescriptorChecksum(formatDescriptor(descriptor, prefixes));
}

function inferWhole(script: Uint8Array, prefixes: KeyPrefixes): Descriptor {
  return { type: formatAddress(script, prefixes) === null ? 'raw' : 'addr', script };
}

/** Calls itself only for scripts in sh(), wsh() and tr(), which cannot stand in each other: four levels at most. */
function infer(script: Uint8Array, place: DescriptorPlace, inference: Inference): Descriptor | null {
  const { ring } = inference;
  if (place === 'tr') return inferLeaf(script, inference) ?? inferMiniscript(script, 'tapscript', ring);
  return inferTemplate(script, place, inference) ?? (place === 'wsh' ? inferMiniscript(script, 'wsh', ring) : null);
}

function inferTemplate(script: Uint8Array, place: DescriptorPlace, inference: Inference): Descriptor | null {
  const { ring } = inference;
  const template = solveOutput(script, 0, script.length);
  switch (template.type) {
    case 'pubkey':
      return inferSingle('pk', template.publicKey, place, ring);
    case 'pubkeyhash':
      return inferSingle('pkh', ring.publicKey(template.keyHash), place, ring);
    case 'witness_v0_keyhash':
      return place === 'wsh' ? null : inferSingle('wpkh', ring.publicKey(template.keyHash), 'wpkh', ring);
    case 'multisig': {
      const keys = template.publicKeys.map((key) => inferKey(key, place, ring));
      return keys.every((key) => key !== null) ? { type: 'multi', required: template.required, keys } : null;
    }
    case 'scripthash':
      return place === 'top' ? inferWrapped('sh', ring.script(template.scriptHash), inference) : null;
    case 'witness_v0_scripthash':
      return place === 'wsh' ? null : inferWrapped('wsh', ring.witnessScript(template.scriptHash), inference);
    case 'witness_v1_taproot':
      return place === 'top' ? inferTaproot(template.outputKey, inference) : null;
    default:
      return null;
  }
}

function inferSingle(
  type: 'pk' | 'pkh' | 'wpkh',
  publicKey: Uint8Array | null,
  place: DescriptorPlace,
  ring: KeyRing,
): Descriptor | null {
  const key = publicKey === null ? null : inferKey(publicKey, place, ring);
  return key === null ? null : { type, key, isInTree: false };
}

function inferWrapped(type: 'sh' | 'wsh', script: Uint8Array | null, inference: Inference): Descriptor | null {
  const inner = script === null ? null : infer(script, type, inference);
  return inner === null ? null : { type, inner };
}

function inferTaproot(outputKey: Uint8Array, inference: Inference): Descriptor | null {
  const { ring, secp } = inference;
  const tree = ring.tree(outputKey);
  if (tree !== null) {
    const leaves: TreeLeaf[] = [];
    for (const [i, { script }] of tree.output.leaves.entries()) {
      const descriptor = infer(script, 'tr', inference);
      if (descriptor !== null) leaves.push({ depth: tree.depths[i]!, descriptor });
    }
    if (leaves.length === tree.output.leaves.length) {
      return { type: 'tr', internalKey: inferXOnlyKey(tree.output.internalKey, ring), leaves };
    }
  }
  if (!secp.isValidXOnlyPublicKey(outputKey)) return null;
  return { type: 'rawtr', key: inferXOnlyKey(outputKey, ring), isInTree: true };
}

/** 32 bytes and OP_CHECKSIG. */
const OP_CHECKSIG = 0xac;

function inferLeaf(script: Uint8Array, { ring }: Inference): Descriptor | null {
  if (script.length === 34 && script[0] === 32 && script[33] === OP_CHECKSIG) {
    return { type: 'pk', key: inferXOnlyKey(script.slice(1, 33), ring), isInTree: true };
  }
  const multi = matchMultiA(script, 0, script.length);
  if (multi === null) return null;
  return { type: 'multi_a', required: multi.required, keys: multi.publicKeys.map((key) => inferXOnlyKey(key, ring)) };
}

/** The descriptor of a version 0 program whose script is known, with its checksum; null when none says more than the address. */
export function inferWitnessScript(script: Uint8Array, prefixes: KeyPrefixes, secp: Secp256k1): string | null {
  const descriptor = inferWrapped('wsh', script, { prefixes, secp, ring: NO_KEYS });
  return descriptor === null ? null : addDescriptorChecksum(formatDescriptor(descriptor, prefixes));
}

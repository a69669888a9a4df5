// Which type of output a descriptor or a script makes, in the words of people who choose addresses (Core Descriptor::GetOutputType,
// IsSingleType, OutputTypeFromDestination).

import { classifyOutput } from '../../kernel/script/solver.ts';
import type { Descriptor } from '../descriptor/descriptor.ts';
import type { AddressType } from './available-coin.ts';

/** The type of all outputs of a descriptor; null where people have no name for it, or where they differ. */
export function addressTypeOf(descriptor: Descriptor): AddressType | null {
  switch (descriptor.type) {
    case 'addr':
    case 'raw':
      return addressTypeOfScript(descriptor.script);
    case 'pkh':
      return 'legacy';
    case 'wpkh':
    case 'wsh':
      return 'bech32';
    case 'sh':
      return addressTypeOf(descriptor.inner) === 'bech32' ? 'p2sh-segwit' : 'legacy';
    case 'tr':
    case 'rawtr':
      return 'bech32m';
    default:
      return null;
  }
}

/** The type of an address (Core OutputTypeFromDestination): what is behind a script hash does not show. */
export function addressTypeOfScript(script: Uint8Array): AddressType | null {
  switch (classifyOutput(script, 0, script.length)) {
    case 'pubkeyhash':
    case 'scripthash':
      return 'legacy';
    case 'witness_v0_keyhash':
    case 'witness_v0_scripthash':
      return 'bech32';
    case 'witness_v1_taproot':
    case 'witness_unknown':
      return 'bech32m';
    default:
      return null;
  }
}

/** True when a descriptor makes one script for each position, so that addresses may be taken from it. */
export function isSingleType(descriptor: Descriptor): boolean {
  return descriptor.type !== 'combo' && descriptor.type !== 'unused';
}

// Outputs of a PSBT as decodepsbt shows them (Core rpc/rawtransaction.cpp DecodePSBTOutputs).

import { toHex } from '../../kernel/util/bytes.ts';
import type { PsbtOutput, PsbtTapTreeLeaf, PsbtVersion } from '../../wallet/psbt/psbt.ts';
import { valueFromAmount } from '../amount.ts';
import type { JsonRecord } from '../json/json-value.ts';
import { field, maybe, result } from '../schema-words.ts';
import type { ResultSpec } from '../signature.ts';
import {
  formatDerivation,
  formatInnerScript,
  formatParticipants,
  formatProprietary,
  formatTapDerivation,
  formatUnknown,
  hexIfAny,
  listIfAny,
  OTHER_FIELDS_IF_ANY,
  PARTICIPANTS_FIELD,
  SCRIPT_AND_KEY_FIELDS,
  TAP_DERIVATIONS_FIELD,
} from './psbt-parts.ts';
import { formatOutputScript, SCRIPT_FIELDS, type ScriptContext } from './script.ts';

/** The fields of an output. */
export const PSBT_OUTPUT_FIELDS: readonly ResultSpec[] = Object.freeze([
  ...SCRIPT_AND_KEY_FIELDS,
  maybe('amount', 'number', 'The value in BTC'),
  maybe('script', 'object', 'The output script', { inner: SCRIPT_FIELDS }),
  maybe('taproot_internal_key', 'hex', 'The internal key'),
  maybe('taproot_tree', 'array', 'The leaves of the tree, depth first', {
    inner: [
      result('object', '', {
        inner: [
          field('depth', 'number', 'Steps below the root'),
          field('leaf_ver', 'number', 'The version of the leaf'),
          field('script', 'string', 'The script'),
        ],
      }),
    ],
  }),
  TAP_DERIVATIONS_FIELD,
  PARTICIPANTS_FIELD,
  ...OTHER_FIELDS_IF_ANY,
]);

/** An output in the order of Core's fields. */
export function formatPsbtOutput(output: PsbtOutput, version: PsbtVersion, context: ScriptContext): JsonRecord {
  const { valueSat, scriptPubKey, tapTree } = output;
  return {
    redeem_script: formatInnerScript(output.redeemScript),
    witness_script: formatInnerScript(output.witnessScript),
    bip32_derivs: listIfAny(output.derivations, formatDerivation),
    amount: version === 2 ? valueFromAmount(valueSat) : undefined,
    script: version === 2 ? formatOutputScript(scriptPubKey, context) : undefined,
    taproot_internal_key: hexIfAny(output.tapInternalKey),
    taproot_tree: tapTree.length === 0 ? undefined : tapTree.map(formatLeaf),
    taproot_bip32_derivs: listIfAny(output.tapDerivations, formatTapDerivation),
    musig2_participant_pubkeys: listIfAny(output.musigParticipants, formatParticipants),
    proprietary: listIfAny(output.proprietary, formatProprietary),
    unknown: output.unknown.size === 0 ? undefined : formatUnknown(output.unknown),
  };
}

function formatLeaf({ depth, leafVersion, script }: PsbtTapTreeLeaf): JsonRecord {
  return { depth, leaf_ver: leafVersion, script: toHex(script) };
}

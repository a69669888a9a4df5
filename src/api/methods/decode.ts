// Methods that show transactions and scripts (Core rpc/rawtransaction.cpp).

import { hash160 } from '../../kernel/crypto/hash160.ts';
import { sha256 } from '../../kernel/crypto/sha256.ts';
import { OP } from '../../kernel/script/opcodes.ts';
import { hasValidOps, isUnspendable, MAX_SCRIPT_SIZE, ScriptCursor } from '../../kernel/script/script.ts';
import { createP2sh, createWitnessProgram } from '../../kernel/script/script-builder.ts';
import { formatScript } from '../../kernel/script/script-format.ts';
import { type OutputTemplate, solveOutput } from '../../kernel/script/solver.ts';
import { formatAddress } from '../../wallet/address.ts';
import { inferDescriptor, inferWitnessScript } from '../../wallet/descriptor/infer.ts';
import { type Arguments, asHexBytes } from '../arguments.ts';
import type { RpcContext } from '../context.ts';
import { RPC_CODE, RpcError } from '../errors.ts';
import { OPS_AT_ONCE, rawDescriptorPieces, wordPieces } from '../format/long-script.ts';
import { addressOf, formatOutputScript } from '../format/script.ts';
import { DECODED_FIELDS, formatTransaction } from '../format/transaction.ts';
import { type JsonOutput, type JsonRecord, JsonText } from '../json/json-value.ts';
import type { MethodSpec } from '../schema.ts';
import { field, maybe, object, param } from '../schema-words.ts';
import { parseTransactionInTurns } from './parse-transaction.ts';

async function decodeRawTransaction(context: RpcContext, args: Arguments): Promise<JsonOutput> {
  const isWitness = args.flag('iswitness', null);
  const transaction = await parseTransactionInTurns(context, args.text('hexstring'), {
    withWitness: isWitness ?? true,
    withoutWitness: isWitness === null || !isWitness,
  });
  if (transaction === null) throw new RpcError(RPC_CODE.DESERIALIZATION_ERROR, 'TX decode failed');
  return formatTransaction(transaction, { spent: null, showsPrevouts: false, showsHex: false }, context);
}

/** First opcode that tapscript made a success of among those above the pushes (BIP342). */
function isSuccess(opcode: number): boolean {
  return (
    opcode === 80 ||
    opcode === 98 ||
    (opcode >= 126 && opcode <= 129) ||
    (opcode >= 131 && opcode <= 134) ||
    (opcode >= 137 && opcode <= 138) ||
    (opcode >= 141 && opcode <= 142) ||
    (opcode >= 149 && opcode <= 153) ||
    (opcode >= 187 && opcode <= 254)
  );
}

const NEVER_WRAPPED: readonly OutputTemplate['type'][] = [
  'nulldata',
  'scripthash',
  'witness_unknown',
  'witness_v1_taproot',
  'anchor',
];

/** Whether it makes sense to pay to the hash of a script. */
function canWrap(script: Uint8Array, { type }: OutputTemplate): boolean {
  const end = script.length;
  if (NEVER_WRAPPED.includes(type) || !hasValidOps(script, 0, end) || isUnspendable(script, 0, end)) return false;
  const cursor = new ScriptCursor(script);
  while (cursor.next()) {
    if (cursor.opcode === OP.OP_CHECKSIGADD || isSuccess(cursor.opcode)) return false;
  }
  return true;
}

const COMPRESSED_KEY_BYTES = 33;

/** The witness program that stands for a script; null where there is none. */
function witnessProgramOf(script: Uint8Array, template: OutputTemplate): Uint8Array | null {
  switch (template.type) {
    case 'pubkey':
      if (template.publicKey.length !== COMPRESSED_KEY_BYTES) return null;
      return createWitnessProgram(0, hash160(template.publicKey));
    case 'pubkeyhash':
      return createWitnessProgram(0, template.keyHash.slice());
    case 'multisig':
      if (template.publicKeys.some((key) => key.length !== COMPRESSED_KEY_BYTES)) return null;
      return createWitnessProgram(0, sha256(script));
    case 'nonstandard':
      return createWitnessProgram(0, sha256(script));
    default:
      return null;
  }
}

function formatSegwit(script: Uint8Array, program: Uint8Array, context: RpcContext): JsonRecord {
  const { params, secp } = context;
  const shown = formatOutputScript(program, context);
  const isScriptHash = program.length === 34;
  return {
    asm: shown['asm'],
    desc: (isScriptHash ? inferWitnessScript(script, params.prefixes, secp) : null) ?? shown['desc'],
    hex: shown['hex'],
    address: shown['address'],
    type: shown['type'],
    'p2sh-segwit': formatAddress(createP2sh(hash160(program)), params.prefixes) ?? undefined,
  };
}

/** Longest script that is shown; Core shows any, though none above 10,000 bytes can be run outside of a Taproot leaf. */
const SHOWN_SCRIPT_BYTES_MAX = 1_000_000;

/** The words of a script: made at once, or, if they are many, while they are written. */
function formatWords(script: Uint8Array): string | JsonText {
  return script.length <= OPS_AT_ONCE ? formatScript(script, 0, script.length) : new JsonText(wordPieces(script));
}

/** The descriptor of a script. Of one that cannot be run there is none but its bytes, and they may be many: made while it is written. */
function formatDesc(script: Uint8Array, { params, secp }: RpcContext): string | JsonText {
  return script.length <= MAX_SCRIPT_SIZE
    ? inferDescriptor(script, params.prefixes, secp)
    : new JsonText(rawDescriptorPieces(script));
}

function decodeScript(context: RpcContext, args: Arguments): JsonOutput {
  const text = args.text('hexstring');
  if (text.length > 2 * SHOWN_SCRIPT_BYTES_MAX) {
    throw new RpcError(
      RPC_CODE.INVALID_PARAMETER,
      `Scripts of more than ${SHOWN_SCRIPT_BYTES_MAX} bytes are not shown`,
    );
  }
  const script = text === '' ? new Uint8Array(0) : asHexBytes(text, 'argument');
  const template = solveOutput(script, 0, script.length);
  const isWrapped = canWrap(script, template);
  const program = isWrapped ? witnessProgramOf(script, template) : null;
  return {
    asm: formatWords(script),
    desc: formatDesc(script, context),
    address: addressOf(script, context) ?? undefined,
    type: template.type,
    p2sh: isWrapped ? (formatAddress(createP2sh(hash160(script)), context.params.prefixes) ?? undefined) : undefined,
    segwit: program === null ? undefined : formatSegwit(script, program, context),
  };
}

const SCRIPT_HEAD = [
  field('asm', 'string', 'The script as words'),
  field('desc', 'string', 'A descriptor of it'),
  field('type', 'string', 'The kind of script'),
  maybe('address', 'string', 'Its address, if it has one'),
];

/** The methods of this file. */
export const DECODE_METHODS: readonly MethodSpec[] = Object.freeze([
  {
    name: 'decoderawtransaction',
    category: 'rawtransactions',
    description: 'Return a JSON object representing the serialized, hex-encoded transaction.',
    parameters: [
      param('hexstring', 'hex', 'The transaction in hexadecimal'),
      param('iswitness', 'boolean', 'Whether it is read as one with witnesses, or as one without', {
        defaultHint: 'depends on heuristic tests',
      }),
    ],
    results: [object(DECODED_FIELDS)],
    examples: ['"hexstring"'],
    run: decodeRawTransaction,
  },
  {
    name: 'decodescript',
    category: 'rawtransactions',
    description: 'Shows a script as words, and what would pay to it.',
    parameters: [param('hexstring', 'hex', 'The script in hexadecimal')],
    results: [
      object([
        ...SCRIPT_HEAD,
        maybe('p2sh', 'string', 'Address of its hash, where that makes sense'),
        maybe('segwit', 'object', 'The witness program that stands for it, where that makes sense', {
          inner: [
            ...SCRIPT_HEAD,
            field('hex', 'hex', 'The bytes of the program'),
            field('p2sh-segwit', 'string', 'Address of the hash of the program'),
          ],
        }),
      ]),
    ],
    examples: ['"hexstring"'],
    run: decodeScript,
  },
]);

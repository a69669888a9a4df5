// Methods about devices that sign (Core rpc/external_signer.cpp).

import type { RpcContext } from '../context.ts';
import { RPC_CODE, RpcError } from '../errors.ts';
import type { ExternalSigners } from '../external-signer.ts';
import type { JsonOutput } from '../json/json-value.ts';
import type { MethodSpec } from '../schema.ts';
import { field, object } from '../schema-words.ts';

/** What goes wrong with a signer is told as it is. */
export async function askSigner<T>(asking: Promise<T>): Promise<T> {
  try {
    return await asking;
  } catch (error) {
    throw new RpcError(RPC_CODE.MISC_ERROR, error instanceof Error ? error.message : String(error));
  }
}

function requireSigners({ signers }: RpcContext): ExternalSigners {
  if (signers !== undefined) return signers;
  throw new RpcError(RPC_CODE.MISC_ERROR, 'Error: restart bitcoind with -signer=<cmd>');
}

async function enumerateSigners(context: RpcContext): Promise<JsonOutput> {
  const signers = await askSigner(requireSigners(context).enumerate());
  return { signers: signers.map(({ fingerprint, name }) => ({ fingerprint, name })) };
}

/** The methods of this file. */
export const SIGNER_METHODS: readonly MethodSpec[] = Object.freeze([
  {
    name: 'enumeratesigners',
    category: 'signer',
    description: 'Lists the devices that the program of -signer can sign with. Of several with the same key the first.',
    parameters: [],
    results: [
      object([
        field('signers', 'array', '', {
          inner: [
            object([
              field('fingerprint', 'hex', 'The fingerprint of its master key'),
              field('name', 'string', 'What the program calls it'),
            ]),
          ],
        }),
      ]),
    ],
    examples: [''],
    run: enumerateSigners,
  },
]);

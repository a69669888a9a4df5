// Somebody who pays, for tests of RPC methods: coins of one key, and transactions made and signed by the methods themselves.

import type { Plain, RpcWorld } from './rpc-world.ts';

/** The secret 1 as it is exported on test networks, and its addresses on regtest. */
export const PAYER_WIF = 'cMahea7zqjxrtgAbB7LSGbcQUr1uX1ojuat9jZodMN87JcbXMTcA';
export const PAYER_ADDRESS = 'bcrt1qw508d6qejxtdg4y5r3zarvary0c5xw7kygt080';
/** Of somebody else: the secret 2. */
export const PAYEE_ADDRESS = 'bcrt1qq6hag67dl53wl99vzg42z8eyzfz2xlkvwk6f7m';

/** A transaction on its way. */
export interface Payment {
  readonly hex: string;
  readonly txid: string;
}

/** An output to be spent; `amount` in bitcoin where the node cannot know it. */
export interface PayerCoin {
  readonly txid: string;
  readonly vout: number;
}

/** Mines so many coins that can be spent. */
export async function mineCoins(world: RpcWorld, count: number): Promise<readonly PayerCoin[]> {
  const hashes: readonly string[] = await world.call('generatetoaddress', count, PAYER_ADDRESS);
  await world.call('generatetodescriptor', 100, 'raw(51)');
  const coins: PayerCoin[] = [];
  for (const hash of hashes) coins.push({ txid: (await world.call('getblock', hash)).tx[0], vout: 0 });
  return coins;
}

/** A signed transaction. `previous` describes outputs that the node does not know. */
export async function pay(
  world: RpcWorld,
  inputs: readonly Plain[],
  outputs: Plain,
  previous: readonly Plain[] = [],
): Promise<Payment> {
  const raw = await world.call('createrawtransaction', inputs, outputs);
  const signed = await world.call('signrawtransactionwithkey', raw, [PAYER_WIF], previous);
  const { txid } = await world.call('decoderawtransaction', signed.hex);
  return { hex: signed.hex, txid };
}

/** How the payer's own output of a transaction that is nowhere yet is described. */
export function describeOutput(payment: Payment, vout: number, amount: number): Plain {
  const scriptPubKey = '0014751e76e8199196d454941c45d1b3a323f1433bd6';
  return { txid: payment.txid, vout, scriptPubKey, amount };
}

// One transaction with the outputs that it spends. Of a confirmed one the node tells them; of one that waits they are looked up among
// the coins, and among the transactions that wait with it.

import { queryOptions } from '@tanstack/react-query';
import { RpcCallError, type RpcClient } from '../../api/client.ts';
import { RPC_CODE } from '../../api/errors.ts';
import { toSat } from '../format/amount.ts';

/** A locking script. */
export interface OutputScript {
  readonly asm: string;
  readonly hex: string;
  readonly type: string;
  readonly address: string | null;
}

/** What an input spends. */
export interface SpentOutput {
  readonly valueSat: number;
  readonly script: OutputScript;
}

/** An input. */
export interface TransactionInput {
  /** Null: a coinbase, which spends nothing. */
  readonly outpoint: { readonly txid: string; readonly index: number } | null;
  /** Of a coinbase: what the miner wrote, in hex. */
  readonly coinbaseHex: string | null;
  readonly scriptSigAsm: string;
  readonly witness: readonly string[];
  readonly sequence: number;
  /** Null: a coinbase, or not known here. */
  readonly spent: SpentOutput | null;
}

/** An output. */
export interface TransactionOutput {
  readonly index: number;
  readonly valueSat: number;
  readonly script: OutputScript;
}

/** The block that has a transaction. */
export interface TransactionBlock {
  readonly hash: string;
  readonly height: number;
  readonly timeSec: number;
}

/** A transaction. */
export interface Transaction {
  readonly txid: string;
  readonly wtxid: string;
  readonly version: number;
  readonly size: number;
  readonly vsize: number;
  readonly weight: number;
  readonly lockTime: number;
  readonly inputs: readonly TransactionInput[];
  readonly outputs: readonly TransactionOutput[];
  /** Null: a coinbase, or what it spends is not known here. */
  readonly feeSat: number | null;
  readonly hex: string;
  /** Null: it waits. */
  readonly block: TransactionBlock | null;
}

interface ScriptAnswer {
  readonly asm: string;
  readonly hex: string;
  readonly type: string;
  readonly address?: string;
}

interface OutputAnswer {
  readonly n: number;
  readonly value: number;
  readonly scriptPubKey: ScriptAnswer;
}

interface InputAnswer {
  readonly coinbase?: string;
  readonly txid?: string;
  readonly vout?: number;
  readonly scriptSig?: { readonly asm: string };
  readonly txinwitness?: readonly string[];
  readonly prevout?: { readonly value: number; readonly scriptPubKey: ScriptAnswer };
  readonly sequence: number;
}

interface TransactionAnswer {
  readonly txid: string;
  readonly hash: string;
  readonly version: number;
  readonly size: number;
  readonly vsize: number;
  readonly weight: number;
  readonly locktime: number;
  readonly vin: readonly InputAnswer[];
  readonly vout: readonly OutputAnswer[];
  readonly fee?: number;
  readonly hex: string;
  readonly blockhash?: string;
}

/** With the outputs that are spent, where the node knows them. */
const VERBOSITY = 2;

/** Inputs of a waiting transaction whose coins are looked up; of the others only the outpoints are shown. */
const LOOKUP_MAX = 100;

/** A transaction; `blockHash` is where it is if that is known. */
export function transactionQuery(client: RpcClient, txid: string, blockHash: string | null) {
  return queryOptions({
    queryKey: ['transaction', txid, blockHash],
    queryFn: async (): Promise<Transaction> => {
      const answer = await fetchTransaction(client, txid, blockHash);
      const block = answer.blockhash === undefined ? null : await fetchBlock(client, answer.blockhash);
      const transaction = readTransaction(answer, block);
      return block === null ? addSpentOutputs(client, transaction) : transaction;
    },
  });
}

async function fetchTransaction(client: RpcClient, txid: string, blockHash: string | null): Promise<TransactionAnswer> {
  try {
    return await client.call<TransactionAnswer>('getrawtransaction', [txid, VERBOSITY]);
  } catch (error) {
    const isElsewhere = error instanceof RpcCallError && error.code === RPC_CODE.INVALID_ADDRESS_OR_KEY;
    if (!isElsewhere || blockHash === null) throw error;
    return client.call<TransactionAnswer>('getrawtransaction', [txid, VERBOSITY, blockHash]);
  }
}

async function fetchBlock(client: RpcClient, hash: string): Promise<TransactionBlock> {
  const { height, time } = await client.call<{ height: number; time: number }>('getblockheader', [hash]);
  return { hash, height, timeSec: time };
}

function readTransaction(answer: TransactionAnswer, block: TransactionBlock | null): Transaction {
  return {
    txid: answer.txid,
    wtxid: answer.hash,
    version: answer.version,
    size: answer.size,
    vsize: answer.vsize,
    weight: answer.weight,
    lockTime: answer.locktime,
    inputs: answer.vin.map(readInput),
    outputs: answer.vout.map(({ n, value, scriptPubKey }) => ({
      index: n,
      valueSat: toSat(value),
      script: readScript(scriptPubKey),
    })),
    feeSat: answer.fee === undefined ? null : toSat(answer.fee),
    hex: answer.hex,
    block,
  };
}

function readInput(input: InputAnswer): TransactionInput {
  const { txid, vout, prevout } = input;
  return {
    outpoint: txid === undefined || vout === undefined ? null : { txid, index: vout },
    coinbaseHex: input.coinbase ?? null,
    scriptSigAsm: input.scriptSig?.asm ?? '',
    witness: input.txinwitness ?? [],
    sequence: input.sequence,
    spent: prevout === undefined ? null : readSpent(prevout),
  };
}

function readSpent({ value, scriptPubKey }: Pick<OutputAnswer, 'value' | 'scriptPubKey'>): SpentOutput {
  return { valueSat: toSat(value), script: readScript(scriptPubKey) };
}

function readScript({ asm, hex, type, address }: ScriptAnswer): OutputScript {
  return { asm, hex, type, address: address ?? null };
}

async function addSpentOutputs(client: RpcClient, transaction: Transaction): Promise<Transaction> {
  const inputs = await Promise.all(
    transaction.inputs.map(async (input, i) => {
      const isLookedUp = i < LOOKUP_MAX && input.spent === null && input.outpoint !== null;
      return isLookedUp ? { ...input, spent: await findSpent(client, input.outpoint) } : input;
    }),
  );
  return { ...transaction, inputs, feeSat: transaction.feeSat ?? computeFee(inputs, transaction.outputs) };
}

/** The coin is still unspent in the chain, or its transaction waits as well. */
async function findSpent(
  client: RpcClient,
  { txid, index }: NonNullable<TransactionInput['outpoint']>,
): Promise<SpentOutput | null> {
  const coin = await client.call<OutputAnswer | null>('gettxout', [txid, index, false]);
  if (coin !== null) return readSpent(coin);
  try {
    const parent = await client.call<TransactionAnswer>('getrawtransaction', [txid, 1]);
    const output = parent.vout[index];
    return output === undefined ? null : readSpent(output);
  } catch (error) {
    if (error instanceof RpcCallError) return null;
    throw error;
  }
}

/** What the inputs have more than the outputs; null where an input is not known, or there is none. */
function computeFee(inputs: readonly TransactionInput[], outputs: readonly TransactionOutput[]): number | null {
  let feeSat = 0;
  for (const { spent } of inputs) {
    if (spent === null) return null;
    feeSat += spent.valueSat;
  }
  for (const { valueSat } of outputs) feeSat -= valueSat;
  return feeSat;
}

// Errors of RPC calls: Core's codes (rpc/protocol.h) and one type to throw. Whatever else is thrown in a method is a bug of ours or
// a failure of the machine, and reaches the caller as RPC_MISC_ERROR without details of our source.

import type { JsonRecord } from './json/json-value.ts';

/** Core's codes, under Core's names. */
export const RPC_CODE: {
  readonly INVALID_REQUEST: -32600;
  readonly METHOD_NOT_FOUND: -32601;
  readonly INVALID_PARAMS: -32602;
  readonly INTERNAL_ERROR: -32603;
  readonly PARSE_ERROR: -32700;
  readonly MISC_ERROR: -1;
  readonly TYPE_ERROR: -3;
  readonly INVALID_ADDRESS_OR_KEY: -5;
  readonly OUT_OF_MEMORY: -7;
  readonly INVALID_PARAMETER: -8;
  readonly CLIENT_NOT_CONNECTED: -9;
  readonly CLIENT_IN_INITIAL_DOWNLOAD: -10;
  readonly DATABASE_ERROR: -20;
  readonly DESERIALIZATION_ERROR: -22;
  readonly CLIENT_NODE_ALREADY_ADDED: -23;
  readonly CLIENT_NODE_NOT_ADDED: -24;
  readonly VERIFY_ERROR: -25;
  readonly VERIFY_REJECTED: -26;
  readonly VERIFY_ALREADY_IN_UTXO_SET: -27;
  readonly IN_WARMUP: -28;
  readonly CLIENT_NODE_NOT_CONNECTED: -29;
  readonly CLIENT_INVALID_IP_OR_SUBNET: -30;
  readonly METHOD_DEPRECATED: -32;
  readonly CLIENT_MEMPOOL_DISABLED: -33;
  readonly CLIENT_NODE_CAPACITY_REACHED: -34;
  readonly LIMIT_EXCEEDED: -37;
  readonly WALLET_ERROR: -4;
  readonly WALLET_INSUFFICIENT_FUNDS: -6;
  readonly WALLET_INVALID_LABEL_NAME: -11;
  readonly WALLET_KEYPOOL_RAN_OUT: -12;
  readonly WALLET_UNLOCK_NEEDED: -13;
  readonly WALLET_PASSPHRASE_INCORRECT: -14;
  readonly WALLET_WRONG_ENC_STATE: -15;
  readonly WALLET_ENCRYPTION_FAILED: -16;
  readonly WALLET_ALREADY_UNLOCKED: -17;
  readonly WALLET_NOT_FOUND: -18;
  readonly WALLET_NOT_SPECIFIED: -19;
  readonly WALLET_ALREADY_LOADED: -35;
  readonly WALLET_ALREADY_EXISTS: -36;
} = Object.freeze({
  INVALID_REQUEST: -32600,
  METHOD_NOT_FOUND: -32601,
  INVALID_PARAMS: -32602,
  INTERNAL_ERROR: -32603,
  PARSE_ERROR: -32700,
  MISC_ERROR: -1,
  TYPE_ERROR: -3,
  INVALID_ADDRESS_OR_KEY: -5,
  OUT_OF_MEMORY: -7,
  INVALID_PARAMETER: -8,
  CLIENT_NOT_CONNECTED: -9,
  CLIENT_IN_INITIAL_DOWNLOAD: -10,
  DATABASE_ERROR: -20,
  DESERIALIZATION_ERROR: -22,
  CLIENT_NODE_ALREADY_ADDED: -23,
  CLIENT_NODE_NOT_ADDED: -24,
  VERIFY_ERROR: -25,
  VERIFY_REJECTED: -26,
  VERIFY_ALREADY_IN_UTXO_SET: -27,
  IN_WARMUP: -28,
  CLIENT_NODE_NOT_CONNECTED: -29,
  CLIENT_INVALID_IP_OR_SUBNET: -30,
  CLIENT_P2P_DISABLED: -31,
  METHOD_DEPRECATED: -32,
  CLIENT_MEMPOOL_DISABLED: -33,
  CLIENT_NODE_CAPACITY_REACHED: -34,
  LIMIT_EXCEEDED: -37,
  WALLET_ERROR: -4,
  WALLET_INSUFFICIENT_FUNDS: -6,
  WALLET_INVALID_LABEL_NAME: -11,
  WALLET_KEYPOOL_RAN_OUT: -12,
  WALLET_UNLOCK_NEEDED: -13,
  WALLET_PASSPHRASE_INCORRECT: -14,
  WALLET_WRONG_ENC_STATE: -15,
  WALLET_ENCRYPTION_FAILED: -16,
  WALLET_ALREADY_UNLOCKED: -17,
  WALLET_NOT_FOUND: -18,
  WALLET_NOT_SPECIFIED: -19,
  WALLET_ALREADY_LOADED: -35,
  WALLET_ALREADY_EXISTS: -36,
} as const);

/** What a call is refused with. */
export class RpcError extends Error {
  override readonly name = 'RpcError';
  readonly code: number;
  /** What JSON-RPC 2.0 lets an error carry beside code and message; Core carries nothing. */
  readonly data: JsonRecord | null;

  constructor(code: number, message: string, data: JsonRecord | null = null) {
    super(message);
    this.code = code;
    this.data = data;
  }
}

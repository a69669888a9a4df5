// What the node tells while it happens (GET /events), as data. Only what the page uses is read; an event that the page does not know,
// or that lacks a field, is passed over: the node may be newer than the page.

/** Something happened. Amounts are satoshis, times seconds since 1970. */
export type LedgerEvent =
  | { readonly type: 'hello'; readonly height: number; readonly hash: string; readonly isResumed: boolean }
  /** What was told before is worth nothing: the cursor was unknown, or the node lost its newest blocks in a crash. */
  | { readonly type: 'reset' | 'rewound' }
  | ({ readonly type: 'block-connected' } & ConnectedBlock)
  | { readonly type: 'block-disconnected'; readonly hash: string; readonly height: number }
  | { readonly type: 'tip'; readonly hash: string; readonly height: number; readonly timeSec: number }
  | { readonly type: 'transaction-added'; readonly txid: string }
  | { readonly type: 'transaction-removed'; readonly txid: string }
  | { readonly type: 'pool' | 'nodes' }
  | { readonly type: 'peers'; readonly count: number }
  | { readonly type: 'miner'; readonly isOn: boolean; readonly hashesPerSecond: number }
  | { readonly type: 'wallet'; readonly name: string; readonly what: string }
  | {
      readonly type: 'progress';
      readonly task: string;
      readonly id: string;
      readonly done: number;
      readonly total: number;
      readonly unit: string;
      /** Nothing more will be told of it. */
      readonly isOver: boolean;
    };

/** A block that became part of the chain. */
export interface ConnectedBlock {
  readonly hash: string;
  readonly height: number;
  readonly timeSec: number;
  readonly previousHash: string;
  readonly transactionCount: number;
  readonly size: number;
  readonly weight: number;
  /** Null: nobody knows what its transactions spent. */
  readonly feesSat: number | null;
  readonly rewardSat: number;
}

type Fields = Readonly<Record<string, unknown>>;

/** A field that is not there, or of another kind. */
class MissingField extends Error {}

function number(fields: Fields, key: string): number {
  const value = fields[key];
  if (typeof value !== 'number' || !Number.isFinite(value)) throw new MissingField(key);
  return value;
}

function text(fields: Fields, key: string): string {
  const value = fields[key];
  if (typeof value !== 'string') throw new MissingField(key);
  return value;
}

/** The event in what came over the socket; null: none that the page knows. */
export function readEvent(fields: Fields): LedgerEvent | null {
  try {
    return readKnown(fields);
  } catch (error) {
    if (error instanceof MissingField) return null;
    throw error;
  }
}

function readKnown(fields: Fields): LedgerEvent | null {
  const type = fields['type'];
  switch (type) {
    case 'hello':
      return {
        type,
        height: number(fields, 'height'),
        hash: text(fields, 'hash'),
        isResumed: fields['resumed'] === true,
      };
    case 'reset':
    case 'rewound':
    case 'pool':
    case 'nodes':
      return { type };
    case 'block-connected':
      return { type, ...readBlock(fields) };
    case 'block-disconnected':
      return { type, hash: text(fields, 'hash'), height: number(fields, 'height') };
    case 'tip':
      return { type, hash: text(fields, 'hash'), height: number(fields, 'height'), timeSec: number(fields, 'time') };
    case 'transaction-added':
    case 'transaction-removed':
      return { type, txid: text(fields, 'txid') };
    case 'peers':
      return { type, count: number(fields, 'count') };
    case 'miner':
      return { type, isOn: fields['isOn'] === true, hashesPerSecond: number(fields, 'hashesPerSecond') };
    case 'wallet':
      return { type, name: text(fields, 'name'), what: String(fields['what'] ?? '') };
    case 'progress':
      return readProgress(fields);
    default:
      return null;
  }
}

function readBlock(fields: Fields): ConnectedBlock {
  return {
    hash: text(fields, 'hash'),
    height: number(fields, 'height'),
    timeSec: number(fields, 'time'),
    previousHash: text(fields, 'previousHash'),
    transactionCount: number(fields, 'transactionCount'),
    size: number(fields, 'size'),
    weight: number(fields, 'weight'),
    feesSat: fields['feesSat'] === null ? null : number(fields, 'feesSat'),
    rewardSat: number(fields, 'rewardSat'),
  };
}

function readProgress(fields: Fields): LedgerEvent {
  return {
    type: 'progress',
    task: text(fields, 'task'),
    id: String(fields['id'] ?? ''),
    done: number(fields, 'done'),
    total: number(fields, 'total'),
    unit: String(fields['unit'] ?? ''),
    isOver: fields['isOver'] === true,
  };
}

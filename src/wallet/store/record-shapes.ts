// The shape of every record, and records as lines of a file. A record that is not as its type says is refused when a wallet is opened,
// so that nobody behind the store has to ask.

import type { StoredTxState } from '../books/records.ts';
import type { ScryptCost } from '../ports.ts';
import { SEALED_KEY_BYTES, type SealedKey, VAULT_SALT_BYTES } from '../vault/vault.ts';
import { encodeRecordValue, type RecordChange } from './record-change.ts';
import type { RecordKind, RecordName, RecordOf, StoreChanges, StoredRecord } from './records.ts';
import { fields, flag, hex, integer, list, nullable, type Shape, text, variants, word } from './shape.ts';

const count = integer(0);
const hash = hex(32);

const txState: Shape<StoredTxState> = variants<StoredTxState>({
  confirmed: fields({ kind: word('confirmed'), blockHash: hash, height: count, index: count }, {}),
  'block-conflicted': fields({ kind: word('block-conflicted'), blockHash: hash, height: integer(-1) }, {}),
  inactive: fields({ kind: word('inactive'), isAbandoned: flag() }, {}),
});

const scryptCost: Shape<ScryptCost> = fields({ n: integer(1), r: integer(1), p: integer(1) }, {});
const sealedKey: Shape<SealedKey> = fields(
  { cost: scryptCost, salt: hex(VAULT_SALT_BYTES), sealed: hex(SEALED_KEY_BYTES) },
  {},
);

/** Records of each kind. Names are checked where something relies on them. */
const SHAPES: { readonly [K in RecordKind]: Shape<RecordOf<K>> } = {
  wallet: fields(
    { kind: word('wallet'), id: word('wallet'), hasPrivateKeys: flag(), isBlank: flag(), avoidsReuse: flag() },
    { hasExternalSigner: flag(), lastClientVersion: count },
  ),
  'hd-root': fields(
    {
      kind: word('hd-root'),
      id: hex(20),
      publicText: text(),
      source: word('mnemonic', 'random', 'imported'),
      createdSec: count,
      isActive: flag(),
      isBackedUp: flag(),
    },
    {},
  ),
  secret: fields(
    {
      kind: word('secret'),
      id: text(/^(?:extended-key|single-key|mnemonic):[0-9a-f]{40}$/),
      fingerprint: nullable(hex(4)),
      isEncrypted: flag(),
      data: hex(),
    },
    {},
  ),
  encryption: fields({ kind: word('encryption'), id: word('encryption'), key: sealedKey }, {}),
  descriptor: fields(
    {
      kind: word('descriptor'),
      id: hash,
      text: text(),
      expandableText: text(),
      createdSec: count,
      rangeStart: count,
      rangeEnd: count,
      nextIndex: count,
      activeFor: nullable(word('receive', 'change')),
    },
    {},
  ),
  'descriptor-keys': fields(
    {
      kind: word('descriptor-keys'),
      id: text(/^[0-9a-f]{64}:\d+$/),
      descriptorId: hash,
      from: count,
      publicKeys: list(list(hex())),
    },
    {},
  ),
  transaction: fields({ kind: word('transaction'), id: hash, hex: hex() }, {}),
  'transaction-state': fields(
    {
      kind: word('transaction-state'),
      id: hash,
      state: txState,
      orderPosition: integer(-1),
      timeReceivedSec: count,
      timeSmartSec: count,
    },
    { comment: text(), commentTo: text(), replacesTxid: hash, replacedByTxid: hash },
  ),
  address: fields(
    {
      kind: word('address'),
      id: hex(),
      label: nullable(text()),
      purpose: nullable(word('receive', 'send', 'refund')),
      isUsed: flag(),
    },
    {},
  ),
  'locked-coin': fields({ kind: word('locked-coin'), id: text(/^[0-9a-f]{64}:\d+$/) }, {}),
  'best-block': fields(
    {
      kind: word('best-block'),
      id: word('best'),
      blocks: list(fields({ height: count, blockHash: hash }, {})),
    },
    {},
  ),
};

/** The name of a record in a file. */
export function recordKey({ kind, id }: RecordName): string {
  return `${kind}/${id}`;
}

/** Changes as lines. */
export function toRecordChanges({ puts, deletes }: StoreChanges): readonly RecordChange[] {
  const gone = deletes.map((name): RecordChange => ({ key: recordKey(name), text: null }));
  return [...gone, ...puts.map((record) => ({ key: recordKey(record), text: encodeValue(record) }))];
}

/** Kind and id stand in the key already. */
function encodeValue({ kind: _kind, id: _id, ...value }: StoredRecord): string {
  return encodeRecordValue(value);
}

/** The record of a line; null when it is none. */
export function decodeRecord(key: string, textOfValue: string): StoredRecord | null {
  const slash = key.indexOf('/');
  const kind = key.slice(0, Math.max(slash, 0));
  const value = parseJson(textOfValue);
  if (!isRecordKind(kind) || typeof value !== 'object' || value === null) return null;
  const record: unknown = { kind, id: key.slice(slash + 1), ...value };
  const shape: Shape<StoredRecord> = SHAPES[kind];
  return shape(record) && recordKey(record) === key ? record : null;
}

function isRecordKind(kind: string): kind is RecordKind {
  return Object.hasOwn(SHAPES, kind);
}

function parseJson(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    return null;
  }
}

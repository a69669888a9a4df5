// What is there and what is wanted: inv, getdata, notfound, and the transaction that answers. Mirrors Core's CInv and CTransaction
// with witness.

import type { ByteReader } from '../../../kernel/encoding/reader.ts';
import { ByteWriter } from '../../../kernel/encoding/writer.ts';
import { OffsetTable } from '../../../kernel/primitives/offset-table.ts';
import { RECORD_HEAD_WORDS, scanTransaction } from '../../../kernel/primitives/scan.ts';
import { Transaction } from '../../../kernel/primitives/transaction.ts';
import type { InventoryMessage, MessageOf, TxMessage } from '../messages.ts';
import { INVENTORY_ITEM_BYTES, InventoryList } from '../packed-lists.ts';
import type { Codec } from './codec.ts';

function inventoryCodec<Type extends InventoryMessage['type']>(
  type: Type,
): Codec<InventoryMessage & { readonly type: Type }> {
  return {
    decode: (reader) => {
      const count = reader.count(INVENTORY_ITEM_BYTES, 'inventory count');
      return { type, items: new InventoryList(reader.view(INVENTORY_ITEM_BYTES * count, 'inventory')) };
    },
    encode: ({ items }) => new ByteWriter(9 + items.bytes.length).compactSize(items.count).put(items.bytes).finish(),
  };
}

/** `inv` announces. */
export const invCodec: Codec<MessageOf<'inv'>> = inventoryCodec('inv');
/** `getdata` asks. */
export const getdataCodec: Codec<MessageOf<'getdata'>> = inventoryCodec('getdata');
/** `notfound` answers what cannot be given. */
export const notfoundCodec: Codec<MessageOf<'notfound'>> = inventoryCodec('notfound');

/** Offsets of a usual transaction beside its fixed ones. */
const USUAL_OFFSETS = 12;

function decodeTx(reader: ByteReader): TxMessage {
  const table = new OffsetTable(RECORD_HEAD_WORDS + USUAL_OFFSETS);
  scanTransaction(reader.bytes, reader.position, reader.end, table, true);
  return { type: 'tx', transaction: new Transaction(reader.bytes, table.words, 0) };
}

/** `tx`. */
export const txCodec: Codec<TxMessage> = {
  decode: decodeTx,
  encode: ({ transaction, isStripped }) => (isStripped === true ? transaction.stripped() : transaction.serialized()),
};

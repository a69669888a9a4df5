// The invariants of announcements (Core TxRequestTracker::SanityCheck), checked from scratch: slow, for tests.

import { assert } from '../../kernel/util/assert.ts';
import type { PeerId } from './peer-id.ts';
import { NO_ROW } from './tx-announcement-index.ts';
import {
  type AnnouncementTable,
  BEST,
  COMPLETED,
  isSelected,
  isWaiting,
  READY,
  REQUESTED,
} from './tx-announcement-table.ts';

/** All rows of a peer's two lists; asserts that each row is in the right one. */
function rowsOfPeers(table: AnnouncementTable): Set<number> {
  const { rows } = table;
  const all = new Set<number>();
  for (const announcer of table.announcers.values()) {
    let [total, requested, completed] = [0, 0, 0];
    for (const first of [announcer.firstBest, announcer.firstOther]) {
      let previous = NO_ROW;
      for (let row = first; row !== NO_ROW; row = rows.nextOfPeer[row]!) {
        assert(!all.has(row), 'announcements: a row is in one list');
        assert(rows.owner[row] === announcer, 'announcements: a list holds the rows of its peer');
        assert(rows.previousOfPeer[row] === previous, 'announcements: a list leads back');
        assert((rows.state[row] === BEST) === (first === announcer.firstBest), 'announcements: lists by state');
        all.add(row);
        previous = row;
        total++;
        if (rows.state[row] === REQUESTED) requested++;
        if (rows.state[row] === COMPLETED) completed++;
      }
    }
    assert(total > 0 && total === announcer.total, 'announcements: the count of a peer');
    assert(requested === announcer.requested && completed === announcer.completed, 'announcements: counts by state');
  }
  return all;
}

function checkTx(table: AnnouncementTable, tx: number): void {
  const { rows, txs } = table;
  const peers = new Set<PeerId>();
  let [open, selected, bestReady] = [0, NO_ROW, Number.NEGATIVE_INFINITY];
  for (let row = txs.firstRow[tx]!; row !== NO_ROW; row = rows.nextOfTx[row]!) {
    const state = rows.state[row]!;
    assert(rows.tx[row] === tx, 'announcements: a list holds the rows of its transaction');
    assert(!peers.has(rows.owner[row]!.id), 'announcements: a peer announces a transaction once');
    peers.add(rows.owner[row]!.id);
    if (state !== COMPLETED) open++;
    if (state === READY) bestReady = Math.max(bestReady, rows.priority[row]!);
    if (!isSelected(state)) continue;
    assert(selected === NO_ROW, 'announcements: one is selected');
    selected = row;
  }
  assert(open > 0 && open === txs.openCount[tx], 'announcements: what has only failed is forgotten');
  assert(selected === txs.selected[tx], 'announcements: the selected one is known');
  assert(
    bestReady === Number.NEGATIVE_INFINITY || selected !== NO_ROW,
    'announcements: the best that is ready is selected',
  );
  if (selected !== NO_ROW && rows.state[selected] === BEST) {
    assert(rows.priority[selected]! >= bestReady, 'announcements: the selected one is the best');
  }
}

/** Stops unless all parts of a table agree and the rules of tx-request.ts hold. */
export function checkAnnouncements(table: AnnouncementTable): void {
  const { rows, heap } = table;
  const all = rowsOfPeers(table);
  assert(all.size === table.count, 'announcements: their number');
  const txs = new Set<number>();
  let waiting = 0;
  for (const row of all) {
    txs.add(rows.tx[row]!);
    if (!isWaiting(rows.state[row]!)) continue;
    waiting++;
    const at = rows.heapAt[row]!;
    assert(heap.at(at) === row, 'announcements: a row that waits is in the heap');
    assert(
      at === 0 || rows.timeMs[heap.at((at - 1) >>> 1)]! <= rows.timeMs[row]!,
      'announcements: the earliest is first',
    );
  }
  assert(waiting === heap.count, 'announcements: the heap holds those that wait');
  assert(txs.size === table.txs.count, 'announcements: the number of transactions');
  for (const tx of txs) checkTx(table, tx);
}

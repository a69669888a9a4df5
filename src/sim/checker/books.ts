// The books of a node against the reference ledger: its coins are those of a replay of its chain, one by one, and their sum is what
// the blocks were allowed to make, less what they left and burnt.

import type { Chainstate } from '../../kernel/chain/chainstate.ts';
import { readU32 } from '../../kernel/encoding/numbers.ts';
import { toHex } from '../../kernel/util/bytes.ts';
import type { LedgerCoin, ReferenceLedger } from './reference-ledger.ts';

/** What is wrong with the coins of a chain, or null. Flushes, and must not run while the tip moves. */
export async function checkBooks(chain: Chainstate, ledger: ReferenceLedger, nowSec: number): Promise<string | null> {
  await chain.flush(nowSec);
  const tip = ledger.find(toHex(chain.tipHash));
  if (tip === undefined) return 'its tip is a block that nobody made';
  const expected = ledger.coins(tip);
  let sumSat = 0n;
  let wrong: string | null = null;
  await chain.state.coins.forEachCoin((outpoint, ref) => {
    const name = `${toHex(outpoint.subarray(0, 32))}:${readU32(outpoint, 32)}`;
    const found = ref.toCoin();
    sumSat += BigInt(found.valueSat);
    const wanted = expected.get(name);
    const text = formatCoin({ ...found, valueSat: BigInt(found.valueSat), script: toHex(found.scriptPubKey) });
    if (wanted === undefined) wrong ??= `it has the coin ${name} (${text}), which is none`;
    else if (formatCoin(wanted) !== text) wrong ??= `its coin ${name} is ${text} and not ${formatCoin(wanted)}`;
    expected.delete(name);
  });
  if (wrong !== null) return wrong;
  const [missing] = expected.keys();
  if (missing !== undefined) return `it lacks ${expected.size} coins, such as ${missing}`;
  const supplySat = ledger.supplySat(tip);
  return sumSat === supplySat ? null : `its coins are ${sumSat} satoshis and not ${supplySat}`;
}

function formatCoin({ valueSat, script, height, isCoinbase }: LedgerCoin): string {
  return `${valueSat} ${script} ${height} ${isCoinbase ? 'coinbase' : 'paid'}`;
}

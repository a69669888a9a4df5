// The day since when a wallet may have been paid, as a field for dates has it.

/** A day earlier than was said: people live in other zones than their machines, and miners' clocks may be two hours off. */
const MARGIN_SEC = 86_400;

/** The moment from which the ledger is read; null: from its beginning. */
export function parseBirthDay(text: string): number | null {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(text)) return null;
  const timeSec = Date.parse(`${text}T00:00:00Z`) / 1000;
  return Number.isFinite(timeSec) && timeSec > MARGIN_SEC ? timeSec - MARGIN_SEC : null;
}

// Gives a person a file that the page made: nothing is asked of any server.

/** How long the address of the file stays good: the browser reads it at once, but not within the same turn. */
const KEPT_MS = 10_000;

/** Saves `content` under a name, where the person or the browser wants it. */
export function saveFile(name: string, type: string, content: string | Uint8Array<ArrayBuffer>): void {
  const address = URL.createObjectURL(new Blob([content], { type }));
  const link = document.createElement('a');
  link.href = address;
  link.download = name;
  document.body.append(link);
  link.click();
  link.remove();
  setTimeout(() => URL.revokeObjectURL(address), KEPT_MS);
}

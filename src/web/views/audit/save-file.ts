// Hands a text to the person as a file, without a request: it never leaves the page on another way.

/** The browser may begin to save only a while after it was asked. */
const KEPT_MS = 60_000;

/** Saves `text` under `name`, as the browser does with downloads. */
export function saveFile(name: string, text: string): void {
  const address = URL.createObjectURL(new Blob([text], { type: 'application/json' }));
  const link = document.createElement('a');
  link.href = address;
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(address), KEPT_MS);
}

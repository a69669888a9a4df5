// Opens a link in the browser of this machine, when its person has asked for that. No shell reads the link.

import { spawn } from 'node:child_process';

/** How each system opens a link. */
function openerOf(link: string): readonly [command: string, ...parameters: string[]] {
  if (process.platform === 'darwin') return ['open', link];
  if (process.platform === 'win32') return ['rundll32', 'url.dll,FileProtocolHandler', link];
  return ['xdg-open', link];
}

/** Opens a link; nothing happens where there is no browser. */
export function openBrowser(link: string): void {
  const [command, ...parameters] = openerOf(link);
  const child = spawn(command, parameters, { stdio: 'ignore', detached: true });
  child.on('error', () => undefined);
  child.unref();
}

// Lets the browser keep the page itself, so that it can be installed and opens at once. See public/sw.js for what is kept.

import { trustScriptAddress } from '../platform/browser/trusted-script.ts';

/** Registers the service worker where there may be one: over https, and on this machine. */
export function registerShellCache(): void {
  if (!('serviceWorker' in navigator)) return;
  const register = (): void => {
    navigator.serviceWorker.register(trustScriptAddress('/sw.js')).catch(() => {
      // The page works without it; a browser may refuse, in a private window for instance.
    });
  };
  if (document.readyState === 'complete') register();
  else addEventListener('load', register, { once: true });
}

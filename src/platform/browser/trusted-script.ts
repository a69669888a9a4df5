// Addresses of scripts under Trusted Types: the page's policy lets the browser load a worker only from an address that went through
// here, and here only addresses of the page's own server go through.

/** The part of the Trusted Types interface that is used; not every browser has it. */
interface TrustedTypes {
  createPolicy(
    name: string,
    rules: { createScriptURL(address: string): string },
  ): { createScriptURL(address: string): string };
}

function checkOwn(address: string): string {
  const resolved = new URL(address, location.href);
  if (resolved.origin !== location.origin) throw new TypeError(`a script of another host: ${resolved.origin}`);
  return resolved.href;
}

let policy: { createScriptURL(address: string): string } | null = null;

/** The address of a worker, as constructors of workers and the registration of a service worker want it. */
export function trustScriptAddress(address: string | URL): string {
  const trustedTypes = (window as { readonly trustedTypes?: TrustedTypes }).trustedTypes;
  policy ??= trustedTypes?.createPolicy('tallystick', { createScriptURL: checkOwn }) ?? { createScriptURL: checkOwn };
  return policy.createScriptURL(String(address));
}

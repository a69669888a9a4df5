// What every answer of the web server says to the browser besides its content: run nothing that is not ours, load nothing from
// elsewhere, tell nobody where you come from, let nobody frame or embed us (R05, R07, P06).

/** A header: name and value. */
export type WebHeader = readonly [name: string, value: string];

/** What a page may do: use files of this server, and nothing else. The kernel runs as WebAssembly in it. */
export const CONTENT_SECURITY_POLICY: string = [
  "default-src 'none'",
  "script-src 'self' 'wasm-unsafe-eval'",
  "style-src 'self'",
  "img-src 'self' data:",
  "connect-src 'self'",
  "font-src 'self'",
  "manifest-src 'self'",
  "worker-src 'self'",
  "frame-ancestors 'none'",
  "base-uri 'none'",
  "form-action 'none'",
  "require-trusted-types-for 'script'",
  // The policy of platform/browser/trusted-script.ts, once; nobody else can make one.
  'trusted-types tallystick',
].join('; ');

/** On every answer, errors included. */
export const SECURITY_HEADERS: readonly WebHeader[] = Object.freeze([
  ['Content-Security-Policy', CONTENT_SECURITY_POLICY],
  ['X-Content-Type-Options', 'nosniff'],
  ['X-Frame-Options', 'DENY'],
  ['Referrer-Policy', 'no-referrer'],
  ['Cross-Origin-Opener-Policy', 'same-origin'],
  ['Cross-Origin-Resource-Policy', 'same-origin'],
  ['Permissions-Policy', 'geolocation=(), microphone=(), payment=(), usb=()'],
] as const);

/** For answers that nobody may keep. */
export const NO_STORE: WebHeader = ['Cache-Control', 'no-store'];

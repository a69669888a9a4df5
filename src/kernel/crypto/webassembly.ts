// The few words of the WebAssembly JavaScript API that the kernel speaks. Neither lib ES2022 nor our empty `types` declares
// them, and an engine may lack them: every use goes through getWebAssembly().

/** A memory of pages of 64 KiB. Ours never grow, so its buffer never detaches. */
export interface WasmMemory {
  readonly buffer: ArrayBuffer;
}

/** What an instance exports: functions over 32-bit integers, or memories. */
export type WasmExports = Readonly<Record<string, unknown>>;

/** The part of the global `WebAssembly` in use. */
export interface WebAssemblyApi {
  validate(bytes: Uint8Array): boolean;
  readonly Module: new (bytes: Uint8Array) => object;
  readonly Instance: new (module: object, imports?: object) => { readonly exports: WasmExports };
}

declare const WebAssembly: WebAssemblyApi | undefined;

/** The engine's WebAssembly, or null where there is none. */
export function getWebAssembly(): WebAssemblyApi | null {
  return typeof WebAssembly === 'undefined' ? null : WebAssembly;
}

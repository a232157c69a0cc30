/** What is used of WebAssembly's objects, as types of our own: programs whose settings name no DOM have no namespace `WebAssembly`. */

export interface WebAssemblyMemory {
  readonly buffer: ArrayBuffer
  grow(pages: number): number
}

/** Compiled code, which only WebAssembly itself looks into. */
export type WebAssemblyModule = object

/**
 * Everything a portable room may use beyond ECMAScript itself: what Node 20 and every browser have alike, and nothing else.
 * `tsconfig.portable.json` checks the portable rooms with these declarations instead of the DOM's and Node's; a name that is
 * missing here comes in through `Host`.
 */

declare namespace WebAssembly {
  interface MemoryDescriptor {
    initial: number
    maximum?: number
    shared?: boolean
  }
  class Memory {
    constructor(descriptor: MemoryDescriptor)
    readonly buffer: ArrayBuffer
    grow(pages: number): number
  }
  class Module {
    constructor(bytes: ArrayBuffer | ArrayBufferView)
    private readonly brand: 'module'
    static exports(module: Module): { readonly name: string }[]
  }
  type ExportValue = Memory | Module | ((...values: never[]) => unknown)
  type Exports = Record<string, unknown>
  type Imports = Record<string, Record<string, unknown>>
  class Instance {
    constructor(module: Module, imports?: Imports)
    // biome-ignore lint/suspicious/noExplicitAny: the engine's exports have no static type (TypeScript's own declaration says any too).
    readonly exports: Record<string, any>
  }
  class CompileError extends Error {}
  class RuntimeError extends Error {}
  function validate(bytes: ArrayBuffer | ArrayBufferView): boolean
  function compile(bytes: ArrayBuffer | ArrayBufferView): Promise<Module>
  function instantiate(module: Module, imports?: Imports): Promise<Instance>
}

declare class TextEncoder {
  encode(text?: string): Uint8Array<ArrayBuffer>
}
declare class TextDecoder {
  constructor(label?: string, options?: { fatal?: boolean; ignoreBOM?: boolean })
  decode(bytes?: ArrayBuffer | ArrayBufferView): string
}

/** Base64 (RFC 4648) of a string of one character a byte. */
declare function btoa(bytes: string): string
declare function atob(text: string): string

interface AbortSignal {
  readonly aborted: boolean
  readonly reason: unknown
  throwIfAborted(): void
  addEventListener(type: 'abort', listener: () => void, options?: { once?: boolean }): void
  removeEventListener(type: 'abort', listener: () => void): void
}
declare class AbortController {
  readonly signal: AbortSignal
  abort(reason?: unknown): void
}

/** For messages only (`verbose`, `summary`). */
declare const console: {
  log(...values: unknown[]): void
  warn(...values: unknown[]): void
  error(...values: unknown[]): void
}

declare function structuredClone<T>(value: T): T

/** The binary format of WebAssembly modules: numbers, sections, a module of functions. Source: WebAssembly Core Specification 2.0, chapter 5. */

const float64 = new Float64Array(1)
const float32 = new Float32Array(float64.buffer)
const bits = new Int32Array(float64.buffer)

/** The bits of a number as float32. */
export function floatBits(value: number): number {
  float32[0] = value
  return bits[0]!
}

export class Bytes {
  private buffer: Uint8Array<ArrayBuffer>
  length = 0

  constructor(capacity = 64) {
    this.buffer = new Uint8Array(capacity)
  }

  put(value: number): this {
    if (this.length === this.buffer.length) this.reserve(1)
    this.buffer[this.length++] = value
    return this
  }
  byte(...values: number[]): this {
    return this.bytes(values)
  }
  bytes(values: readonly number[]): this {
    for (let index = 0; index < values.length; index++) this.put(values[index]!)
    return this
  }
  /** LEB128, unsigned. */
  unsigned(value: number): this {
    let rest = value >>> 0
    while (rest > 127) {
      this.put((rest & 127) | 128)
      rest >>>= 7
    }
    return this.put(rest)
  }
  /** LEB128, signed 32 bits. */
  signed(value: number): this {
    let rest = value | 0
    while (rest < -64 || rest > 63) {
      this.put((rest & 127) | 128)
      rest >>= 7
    }
    return this.put(rest & 127)
  }
  int32(value: number): this {
    return this.put(value & 255)
      .put((value >>> 8) & 255)
      .put((value >>> 16) & 255)
      .put(value >>> 24)
  }
  float64(value: number): this {
    float64[0] = value
    return this.int32(bits[0]!).int32(bits[1]!)
  }
  raw(bytes: Uint8Array): this {
    this.reserve(bytes.length)
    this.buffer.set(bytes, this.length)
    this.length += bytes.length
    return this
  }
  name(text: string): this {
    const bytes = new TextEncoder().encode(text)
    return this.unsigned(bytes.length).raw(bytes)
  }
  /** Length first, then the bytes. */
  block(bytes: Bytes): this {
    return this.unsigned(bytes.length).raw(bytes.view())
  }
  view(): Uint8Array {
    return this.buffer.subarray(0, this.length)
  }
  /** A copy as long as what was written; what is written next begins anew. */
  take(): Uint8Array<ArrayBuffer> {
    const bytes = this.buffer.slice(0, this.length)
    this.length = 0
    return bytes
  }
  private reserve(extra: number): void {
    if (this.length + extra <= this.buffer.length) return
    const larger = new Uint8Array(Math.max(this.buffer.length * 2, this.length + extra))
    larger.set(this.view())
    this.buffer = larger
  }
}

export const valueType = { i32: 0x7f, f32: 0x7d, v128: 0x7b } as const

export interface WasmFunction {
  readonly name: string
  /** All parameters are i32; nothing is returned. */
  readonly parameters: number
  readonly exported: boolean
  /** Locals beyond the parameters, as value types. */
  readonly locals: readonly number[]
  /** Instructions without the final `end`. */
  readonly code: Uint8Array
}

export interface WasmModule {
  /** Functions of the host, imported as `fovea.NAME`; they come first in the index space. */
  readonly imports?: readonly { readonly name: string; readonly parameters: number }[]
  readonly functions: readonly WasmFunction[]
  /** Mutable i32 globals. */
  readonly globals: number
  /** `pages`: the least that it is run on; it is run on that many exactly unless `mostPages` says more. */
  readonly memory: { readonly pages: number; readonly mostPages?: number; readonly shared: boolean }
}

/** The module imports its memory as `fovea.memory`. */
export function encodeModule(module: WasmModule): Uint8Array<ArrayBuffer> {
  const size = module.functions.reduce((sum, { code }) => sum + code.length + 16, 1024)
  const out = new Bytes(size).raw(new Uint8Array([0, 0x61, 0x73, 0x6d, 1, 0, 0, 0]))
  const bytes = new Bytes(size)
  const section = (id: number, write: (bytes: Bytes) => void): void => {
    bytes.length = 0
    write(bytes)
    out.byte(id).block(bytes)
  }
  const imports = module.imports ?? []
  const arities = [...new Set([...imports, ...module.functions].map(fn => fn.parameters))]
  section(1, bytes => {
    bytes.unsigned(arities.length)
    for (const arity of arities) {
      bytes.byte(0x60).unsigned(arity)
      for (let index = 0; index < arity; index++) bytes.byte(valueType.i32)
      bytes.unsigned(0)
    }
  })
  section(2, bytes => {
    const { pages, mostPages = pages, shared } = module.memory
    bytes
      .unsigned(1 + imports.length)
      .name('fovea')
      .name('memory')
      .byte(2, shared ? 3 : 1)
      .unsigned(pages)
      .unsigned(mostPages)
    for (const { name, parameters } of imports)
      bytes.name('fovea').name(name).byte(0).unsigned(arities.indexOf(parameters))
  })
  section(3, bytes => {
    bytes.unsigned(module.functions.length)
    for (const fn of module.functions) bytes.unsigned(arities.indexOf(fn.parameters))
  })
  section(6, bytes => {
    bytes.unsigned(module.globals)
    for (let index = 0; index < module.globals; index++) bytes.byte(valueType.i32, 1, 0x41, 0, 0x0b)
  })
  section(7, bytes => {
    const exported = module.functions.map((fn, index) => ({ fn, index })).filter(({ fn }) => fn.exported)
    bytes.unsigned(exported.length)
    for (const { fn, index } of exported)
      bytes
        .name(fn.name)
        .byte(0)
        .unsigned(imports.length + index)
  })
  section(10, bytes => {
    bytes.unsigned(module.functions.length)
    for (const fn of module.functions) writeBody(bytes, fn)
  })
  return out.take()
}

function writeBody(bytes: Bytes, { locals, code }: WasmFunction): void {
  const head = localsOf(locals)
  bytes
    .unsigned(head.length + code.length + 1)
    .raw(head.view())
    .raw(code)
    .put(0x0b)
}

/** Runs of locals of one type: their number, and of each run the length and the type. */
function localsOf(types: readonly number[]): Bytes {
  const starts = changesOf(types)
  const bytes = new Bytes().unsigned(starts.length)
  for (let run = 0; run < starts.length; run++)
    bytes.unsigned((starts[run + 1] ?? types.length) - starts[run]!).put(types[starts[run]!]!)
  return bytes
}

/** Where something else begins. */
function changesOf(values: readonly number[]): number[] {
  const starts: number[] = []
  for (let index = 0; index < values.length; index++) if (values[index] !== values[index - 1]) starts.push(index)
  return starts
}

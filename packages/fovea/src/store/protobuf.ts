/** As much of Protocol Buffers as a message needs that is only written: whole numbers, floats, doubles, texts, and bytes (messages in messages). */

export type Field =
  | readonly [number: number, type: 'int' | 'float' | 'double', value: number]
  | readonly [number, 'text', string]
  | readonly [number, 'bytes', Uint8Array]

export function message(fields: readonly Field[]): Uint8Array {
  const parts = fields.map(encoded)
  const bytes = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0))
  let at = 0
  for (const part of parts) {
    bytes.set(part, at)
    at += part.length
  }
  return bytes
}

function encoded([number, type, value]: Field): Uint8Array {
  switch (type) {
    case 'int':
      return Uint8Array.from([...varint(number * 8), ...varint(value)])
    case 'float':
      return Uint8Array.from([...varint(number * 8 + 5), ...new Uint8Array(Float32Array.of(value).buffer)])
    case 'double':
      return Uint8Array.from([...varint(number * 8 + 1), ...new Uint8Array(Float64Array.of(value).buffer)])
    default: {
      const content = typeof value === 'string' ? new TextEncoder().encode(value) : value
      const head = [...varint(number * 8 + 2), ...varint(content.length)]
      const bytes = new Uint8Array(head.length + content.length)
      bytes.set(head)
      bytes.set(content, head.length)
      return bytes
    }
  }
}

function varint(value: number): number[] {
  const bytes: number[] = []
  let rest = value
  while (rest > 127) {
    bytes.push((rest % 128) + 128)
    rest = Math.floor(rest / 128)
  }
  return [...bytes, rest]
}

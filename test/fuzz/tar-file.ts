/** Archives of tar, written member by member. Source: POSIX.1-1988 (ustar). */
import { joined } from './mutate-bytes.ts'

/** A member with its content; `fields` are written into the header last, by their places. */
export function tarMember(
  name: string,
  content: Uint8Array,
  fields: Readonly<Record<number, string>> = {},
): Uint8Array {
  const header = new Uint8Array(512)
  const put = (at: number, text: string): void => header.set(new TextEncoder().encode(text), at)
  put(0, name)
  put(100, '0000644\0')
  put(108, '0000000\0'.repeat(2))
  put(124, `${content.length.toString(8).padStart(11, '0')}\0`)
  put(136, '00000000000\0')
  put(156, '0')
  put(257, 'ustar\x0000')
  for (const [at, text] of Object.entries(fields)) put(Number(at), text)
  const padding = new Uint8Array((512 - (content.length % 512)) % 512)
  return joined(withTarSum(header), content, padding)
}
/** The sum of the header's bytes, its own eight counted as blanks. */
export function withTarSum(header: Uint8Array): Uint8Array {
  header.fill(0x20, 148, 156)
  const sum = header.reduce((total, byte) => total + byte, 0)
  header.set(new TextEncoder().encode(`${sum.toString(8).padStart(6, '0')}\0 `), 148)
  return header
}

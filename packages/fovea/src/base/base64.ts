/** Bytes as text and back (RFC 4648, section 4), in pieces, since the engine takes and gives them as strings of one character a byte. */

/** A multiple of 3, so that no piece but the last is padded. */
const PIECE = 3 * 4096

export function toBase64(bytes: Uint8Array): string {
  let text = ''
  for (let from = 0; from < bytes.length; from += PIECE)
    text += btoa(String.fromCharCode(...bytes.subarray(from, from + PIECE)))
  return text
}

export function fromBase64(text: string): Uint8Array<ArrayBuffer> {
  const characters = atob(text)
  const bytes = new Uint8Array(characters.length)
  for (let index = 0; index < bytes.length; index++) bytes[index] = characters.charCodeAt(index)
  return bytes
}

/** Characters of that many bytes. */
export function base64Length(bytes: number): number {
  return 4 * Math.ceil(bytes / 3)
}

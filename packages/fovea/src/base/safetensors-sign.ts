/**
 * Whether a file begins as safetensors do: the length of its header, far below 4 GiB, and the brace that the header begins with. Apart from
 * the signs of all other files, which only those need who were given one.
 */
export function isSafetensors(bytes: Uint8Array): boolean {
  return bytes[8] === 0x7b && bytes.subarray(4, 8).every(byte => byte === 0)
}

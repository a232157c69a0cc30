/** What a file is by its first bytes, and what an archive holds by the names in it. Nothing is unpacked for it. */
const hdf5Sign = [0x89, 0x48, 0x44, 0x46, 0x0d, 0x0a, 0x1a, 0x0a]
const zipSign = [0x50, 0x4b, 0x03, 0x04]

const begins = (bytes: Uint8Array, sign: readonly number[]): boolean => sign.every((byte, at) => bytes[at] === byte)

export const isHdf5 = (bytes: Uint8Array): boolean => begins(bytes, hdf5Sign)

/** How far from its beginning and its end the names of an archive's members are looked for. */
const [head, tail] = [4096, 70_000]

/** A zip archive with a member whose name ends so; a damaged one too, as far as its names can be read. */
export function isZipOf(bytes: Uint8Array, ...endings: readonly string[]): boolean {
  if (!begins(bytes, zipSign)) return false
  const names = latin.decode(bytes.subarray(0, head)) + latin.decode(bytes.subarray(Math.max(0, bytes.length - tail)))
  return endings.some(ending => names.includes(ending))
}

const latin = new TextDecoder('latin1')

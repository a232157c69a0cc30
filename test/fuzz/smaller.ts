/** The smallest part of a file that still has a fault: pieces are left out, half of the file first, single bytes last. */

/** `most`: how often it is tried. Source: the minimizing of delta debugging (Zeller and Hildebrandt, 2002), without its complements. */
export async function smaller(
  bytes: Uint8Array,
  isFaulty: (bytes: Uint8Array) => Promise<boolean>,
  most: number,
): Promise<Uint8Array> {
  let kept = bytes
  let tried = 0
  for (let size = Math.ceil(kept.length / 2); size >= 1 && tried < most; size = size === 1 ? 0 : Math.ceil(size / 2)) {
    for (let at = 0; at < kept.length && tried < most; ) {
      const without = new Uint8Array(kept.length - Math.min(size, kept.length - at))
      without.set(kept.subarray(0, at))
      without.set(kept.subarray(Math.min(kept.length, at + size)), at)
      tried++
      if (await isFaulty(without)) kept = without
      else at += size
    }
  }
  return kept
}

/** The order in which an epoch walks through the samples: a pure function of key and epoch, so a resumed run walks the same way. */
import { fold, permutation, type RandomKey } from '../base/random.ts'

/** A random order of 0 … count − 1 for epoch 0, 1, 2 …; as they lie without `shuffle`. */
export function epochOrder(key: RandomKey, epoch: number, count: number, shuffle = true): Int32Array {
  return shuffle ? permutation(fold(key, epoch), count) : Int32Array.from({ length: count }, (_, index) => index)
}

/** How much a file may unpack to: checked before memory is taken, since what a file says of itself may be a lie. */
import { UserError } from 'fovea/internal/base/errors'
import type { OpenedFile } from 'fovea/internal/store/model-formats'

/** Of all that one file holds. */
export const mostBytes = 2 ** 30
/** Of a configuration. */
export const mostConfiguration = 2 ** 26

/** Those a file is read with. */
export const limitsOf = ({ limits }: Pick<OpenedFile, 'limits'>) => ({
  bytes: limits?.bytes ?? mostBytes,
  configuration: limits?.configuration ?? mostConfiguration,
})

/** What is read of an opened file, without those beside it. */
export type LimitedFile = Pick<OpenedFile, 'bytes' | 'source' | 'limits'>

/** Of one file: counts what was taken and refuses what would be too much. */
export interface Allowance {
  /** So far. */
  taken(): number
  /** Throws UserError where these bytes and those before are more than a model's file may hold; `what` is what they are for. */
  take(bytes: number, what: string): void
}

export function allowance(source: string, most = mostBytes): Allowance {
  let taken = 0
  return {
    taken: () => taken,
    take(bytes, what) {
      taken += bytes
      if (bytes >= 0 && taken <= most) return
      throw new UserError({
        what: `${source}: ${what} would take too much memory.`,
        expected: `at most ${sizeInWords(most)} in all`,
        received: sizeInWords(taken),
        fix: `${damagedFix}; of a file that you know, loadModel and loadWeights read more with { limits: { bytes, configuration } }`,
      })
    },
  }
}

const sizeInWords = (bytes: number): string =>
  bytes < 2 ** 20 ? `${bytes} bytes` : `${(bytes / 2 ** 20).toFixed(1)} MiB`

export const damagedFix = 'get another copy of the file: this one may be damaged'

/** Of a file that is not as its format wants it. */
export const damaged = (source: string, received: string): UserError =>
  new UserError({ what: `${source} is damaged.`, received, fix: damagedFix })

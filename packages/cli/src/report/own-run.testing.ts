/** A run on the user's own pictures, as its directory gives it back: for tests of the sections on them. */
import { inMemory } from 'fovea/internal/data/memory-source'
import { keptPictures } from 'fovea/internal/run/kept-pictures'
import { decodeEmbeddings, encodeEmbeddings, type RunEmbeddings } from 'fovea/internal/run/run-embeddings'
import { smallRun } from './report-run.testing.ts'
import type { ReportRun } from './report-run.ts'

export interface OwnOptions {
  readonly classNames?: readonly string[]
  readonly count?: number
  /** Rows with another label than the picture deserves: its class is the next one. */
  readonly wrong?: readonly number[]
  /** Rows with a small copy; all by default. */
  readonly copies?: readonly number[]
  readonly seen?: number
}

/** Of row `index` the class is index mod classes, the first two of three are trained on, the third is held out. */
export async function ownRun(options: OwnOptions = {}): Promise<ReportRun & { readonly own: RunEmbeddings }> {
  const { classNames = ['cat', 'dog', 'bird'], count = 90, wrong = [], seen = 2 } = options
  const classes = classNames.length
  const rows = Array.from({ length: count }, (_, row) => row)
  const truth = rows.map(row => row % classes)
  const labels = truth.map((label, row) => (wrong.includes(row) ? (label + 1) % classes : label))
  const trained = Math.floor((2 * count) / 3)
  const filesOf = (from: number, to: number) => ({
    files: rows.slice(from, to).map(row => `${classNames[labels[row]!]}/picture <${row}>.png`),
    labels: labels.slice(from, to),
  })
  const copies = Int32Array.from(options.copies ?? rows)
  const images = Uint8Array.from({ length: 4 * count }, (_, at) => at >> 2)
  const pictures = inMemory({ images, labels: Uint8Array.from(labels), shape: [2, 2, 1], classNames })
  const own = decodeEmbeddings(
    encodeEmbeddings(
      {
        count,
        probabilities: Float32Array.from(truth.flatMap(label => classNames.map((_, at) => (at === label ? 0.8 : 0.1)))),
        // Classes on a line, away from each other and spread a little across.
        features: Float32Array.from(rows.flatMap(row => [truth[row]! + (row % 7) / 20, (row % 5) / 4])),
        seen,
        support: Float32Array.from(rows, row => (wrong.includes(row) ? -0.1 * wrong.indexOf(row) : 0.9)),
        suggested: truth,
      },
      await keptPictures('thumbnails', pictures, copies),
      copies,
    ),
    'embeddings',
    { folder: '/own', classNames, parts: { train: filesOf(0, trained), test: filesOf(trained, count) } },
  )
  return { ...smallRun({ classNames }), own }
}

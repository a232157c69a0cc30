/**
 * What a run on own pictures keeps for reports and reviews: all of its pictures as the trained network sees them, what the others say of
 * each label, and small copies. In: the trained model on its engine, the parts of the data. Out: the bytes of a run file.
 */
import { joinedSources } from '../data/parts-of-source.ts'
import { type PictureSource, pictureBytes } from '../data/picture-source.ts'
import { pictureOfBytes, piecesOf } from '../data/read-pictures.ts'
import { appearance, appearanceSize } from '../embedding/appearance.ts'
import { evenRows } from '../embedding/even-rows.ts'
import { labelsOfOthers } from '../embedding/labels-of-others.ts'
import { looksMislabelled } from '../embedding/looks-mislabelled.ts'
import { keptPictures } from '../run/kept-pictures.ts'
import { encodeEmbeddings } from '../run/run-embeddings.ts'
import { namedParts } from '../run/run-pictures.ts'
import type { Learner } from '../train/learner.ts'
import { embedPictures } from './embed-pictures.ts'
import type { RecipeJob } from './recipe-job.ts'

/** Copies of pictures drawn evenly from all classes, and of those whose labels look most wrong. */
const copies = { even: 2000, doubtful: 200, side: 32 }

/** Undefined where the pictures have no names, and when it was aborted. The weights are those that the learner has. */
export async function embedOwnPictures(
  { data, recipe: { seed } }: Pick<RecipeJob, 'data' | 'recipe'>,
  learner: Learner,
  signal?: AbortSignal,
): Promise<Uint8Array<ArrayBuffer> | undefined> {
  const parts = namedParts(data).map(([, part]) => part)
  if (parts.length === 0) return undefined
  const all = joinedSources(parts)
  const embedded = await embedPictures(learner, all, seed, signal)
  if (!embedded) return undefined
  const { labels } = all
  const classes = all.classNames.length
  const others = labelsOfOthers(
    { ...embedded, classes, labels, appearance: await looksOf(all) },
    row => row >= data.train.count,
  )
  const doubtful = looksMislabelled({ labels, ...others }, copies.doubtful).map(({ row }) => row)
  const rows = Int32Array.from(new Set([...evenRows(labels, copies.even), ...doubtful])).sort()
  return encodeEmbeddings({ ...embedded, ...others }, await keptPictures('thumbnails', all, rows, copies.side), rows)
}

async function looksOf(source: PictureSource): Promise<Float32Array> {
  const looks = new Float32Array(source.count * appearanceSize)
  const size = pictureBytes(source)
  for await (const { begin, pictures } of piecesOf(source)) {
    for (let row = 0; row < pictures.length / size; row++) {
      looks.set(appearance(pictureOfBytes(source, pictures, row)), (begin + row) * appearanceSize)
    }
  }
  return looks
}

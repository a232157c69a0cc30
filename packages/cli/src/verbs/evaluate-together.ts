/** `fovea evaluate MODEL MODEL…`: several saved models on the same test pictures, each, and the mean of their probabilities. */
import { UserError } from 'fovea/internal/base/errors'
import type { TestViews } from 'fovea/internal/base/test-views'
import { sourceRange } from 'fovea/internal/data/parts-of-source'
import { labelledPictures } from 'fovea/internal/engine/picture-rows'
import { probabilityRows } from 'fovea/internal/engine/probability-rows'
import { parameterCounts } from 'fovea/internal/network/weights'
import { confusionMatrix, predictedClasses } from 'fovea/internal/objectives/classification-report'
import { type EnsembleScores, ensembleScores, meanOfMembers } from 'fovea/internal/objectives/ensemble-scores'
import { weightsSha256 } from 'fovea/internal/store/weights-hash'
import type { Context } from '../command/command.ts'
import type { DataChoice } from '../command/dataset-options.ts'
import type { EnsembleDocument } from '../command/ensemble-documents.ts'
import { evaluatorOf } from './saved-evaluator.ts'
import { type Member, severalModels } from './several-models.ts'
import { type TestPictures, testPictures } from './test-pictures.ts'

export interface TogetherChoice extends DataChoice {
  readonly dataset?: string
  readonly limit?: number
  readonly threads?: number
}

/** `viewsOf`: what each is asked about. Throws UserError where they are not tested on the same pictures. */
export async function evaluateTogether(
  words: readonly string[],
  choice: TogetherChoice,
  viewsOf: (member: Member) => TestViews | undefined,
  context: Context,
  signal: AbortSignal,
): Promise<EnsembleDocument> {
  const { members, classNames } = await severalModels(words, context)
  const measured: Measured[] = []
  for (const member of members) measured.push(await measure(member, choice, viewsOf(member), context, signal))
  const [first] = measured as [Measured, ...Measured[]]
  for (const other of measured) checkSame(first, other)
  const { labels } = first
  const students = members.filter(member => teachersAmong(member, members).length > 0)
  const together = measured.filter(({ member }) => !students.includes(member))
  const rows = together.map(own => own.rows)
  const scoresOf = (among: readonly Measured[]) =>
    ensembleScores(
      labels,
      among.map(own => own.rows),
      classNames.length,
    )
  const [scores, each] = [scoresOf(together), scoresOf(measured).members]
  const said = predictedClasses(meanOfMembers(rows), classNames.length)
  return {
    dataset: first.test.name,
    samples: labels.length,
    models: members.map(({ saved }, index) => ({
      model: saved.path,
      params: parameterCounts(saved.model).total,
      ...(measured[index]!.views && { views: measured[index]!.views }),
      ...each[index]!,
    })),
    mean: scores.mean,
    taught: students.map(student => {
      const teachers = teachersAmong(student, members)
      const own = scoresOf(measured.filter(({ member }) => teachers.includes(member)))
      return {
        model: student.saved.path,
        teachers: teachers.map(({ saved }) => saved.path),
        teachersGain: gainOf(own),
        gain: each[members.indexOf(student)]!.accuracy - averageOf(own),
      }
    }),
    gain: gainOf(scores),
    disagreement: scores.disagreement,
    anyRight: scores.anyRight,
    classNames,
    confusionMatrix: confusionMatrix(labels, said, classNames.length),
    seconds: measured.reduce((sum, own) => sum + own.seconds, 0),
  }
}

/** Those of the models that this one learned from; none unless all of its teachers are there. */
function teachersAmong({ saved }: Member, members: readonly Member[]): readonly Member[] {
  const taught = saved.recipe?.teacher?.models ?? []
  const teachers = members.filter(member => {
    const hash = weightsSha256(member.saved.weights)
    return taught.some(each => each.weightsSha256 === hash)
  })
  return teachers.length === taught.length ? teachers : []
}

const averageOf = ({ members }: EnsembleScores): number =>
  members.reduce((sum, { accuracy }) => sum + accuracy, 0) / members.length
const gainOf = (scores: EnsembleScores): number => scores.mean.accuracy - averageOf(scores)

interface Measured {
  readonly member: Member
  readonly test: TestPictures
  readonly views: TestViews | undefined
  /** Of probabilities, classes in the common order. */
  readonly rows: Float32Array
  /** In the common order. */
  readonly labels: Int32Array
  readonly seconds: number
}

async function measure(
  member: Member,
  { dataset, limit, threads, ...data }: TogetherChoice,
  views: TestViews | undefined,
  context: Context,
  signal: AbortSignal,
): Promise<Measured> {
  const { saved, places } = member
  const test = await testPictures(saved, dataset, data, context, signal)
  const pictures = sourceRange(test.pictures, 0, Math.min(limit ?? test.pictures.count, test.pictures.count))
  const evaluator = evaluatorOf(saved, threads)
  try {
    const rows = labelledPictures(saved.model, evaluator.targets, pictures)
    const { predictions, complete, seconds } = await evaluator.evaluate(rows, { signal, views })
    if (!complete) signal.throwIfAborted()
    const given = predictions[saved.model.outputs[0]!.name]!
    return {
      ...{ member, test, views, seconds },
      rows: probabilityRows(saved.model, given, pictures.count, places),
      labels: Int32Array.from(pictures.labels, label => places.indexOf(label)),
    }
  } finally {
    await evaluator.dispose()
  }
}

/** What one was tested on, another may have learned from. */
function checkSame(first: Measured, other: Measured): void {
  const names = [first, other].map(({ test }) => test.pictures.names?.join('\n'))
  const isSame =
    first.test.name === other.test.name &&
    names[0] === names[1] &&
    first.labels.length === other.labels.length &&
    first.labels.every((label, index) => label === other.labels[index])
  if (isSame) return
  const tested = ({ labels, test }: Measured): string => `${labels.length} pictures of ${test.name}`
  throw new UserError({
    what: `${other.member.saved.path} was tested on other pictures than ${first.member.saved.path}.`,
    expected: tested(first),
    received: `${tested(other)}${first.test.name === other.test.name ? ', drawn otherwise' : ''}`,
    fix: 'Name pictures that none of them has learned from: --dataset NAME, or a folder.',
  })
}

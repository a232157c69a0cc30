/**
 * What a report knows of a run: everything a run directory holds, read once. In: the folder. Out: plain data. A run that was
 * interrupted has no result and no test; a directory of an older version may lack the samples.
 */
import { UserError } from 'fovea/internal/base/errors'
import type { Files } from 'fovea/internal/base/host'
import { isJsonRecord } from 'fovea/internal/base/json'
import type { Curves, CurveValues } from 'fovea/internal/diagnosis/curves'
import { diagnose } from 'fovea/internal/diagnosis/diagnose'
import type { Finding } from 'fovea/internal/diagnosis/finding'
import { curvesOfRun } from 'fovea/internal/diagnosis/history-files'
import { factsOfRun } from 'fovea/internal/diagnosis/run-facts'
import { modelFromConfig } from 'fovea/internal/network/config'
import type { Model } from 'fovea/internal/network/model'
import { mainLogs } from 'fovea/internal/objectives/metrics'
import type { RecipeConfig } from 'fovea/internal/recipes/recipe'
import { plainModel } from 'fovea/internal/recipes/recipe-parts'
import type { TrainReport } from 'fovea/internal/run/report'
import { readReport } from 'fovea/internal/run/report-json'
import { type RunEmbeddings, readEmbeddings } from 'fovea/internal/run/run-embeddings'
import { type RunRecord, readRunFile } from 'fovea/internal/run/run-file'
import { runFiles } from 'fovea/internal/run/run-files'
import { beginningOf } from 'fovea/internal/run/run-log'
import { decodeRunPictures } from 'fovea/internal/run/run-pictures'
import { decodeSamples, type RunSamples } from 'fovea/internal/run/samples'
import { decodeTestFile, type TestFile } from 'fovea/internal/run/test-file'
import { checkClassNames } from 'fovea/internal/store/class-names'
import { decodeModelFile } from 'fovea/internal/store/model-file'

/** A metric beside loss and accuracy, a value for each epoch of the run's curves. */
export interface MetricCurve {
  readonly name: string
  readonly training: CurveValues
  readonly validation?: CurveValues
}

export interface ReportRun {
  readonly folder: string
  /** The folder's own name; tells runs of one recipe apart. */
  readonly name: string
  readonly recipe: RecipeConfig
  /** Training samples taken, where not all were. */
  readonly limit?: number
  /** When it was begun, the last time it was: ISO 8601, in UTC. Missing in runs of version 0.1. */
  readonly date?: string
  readonly model: Model
  /** False of a run that broke down before its weights were saved. */
  readonly isSaved: boolean
  readonly classNames: readonly string[]
  readonly curves: Curves
  /** Those beside loss and accuracy; missing where there are none. */
  readonly metrics?: readonly MetricCurve[]
  /** Of each epoch of `curves`. */
  readonly learningRates: readonly number[]
  /** Training samples of each class; empty when the run does not say. */
  readonly perClass: readonly number[]
  readonly samples: { readonly train: number; readonly validation: number }
  readonly findings: readonly Finding[]
  /** Missing when training was interrupted. */
  readonly result?: TrainReport
  readonly test?: TestFile
  /** Missing in runs of older versions. */
  readonly pictures?: RunSamples
  /** Of runs on the user's own pictures: the files of the test, row for row, relative to their folder. */
  readonly testFiles?: readonly string[]
  /** Of runs on the user's own pictures that came to their end. */
  readonly own?: RunEmbeddings
}

/** Throws UserError for a folder that holds no run with a finished epoch. */
export async function readReportRun(files: Files, folder: string): Promise<ReportRun> {
  const events = files.join(folder, runFiles.events)
  if (!(await files.exists(events))) {
    throw new UserError({
      what: `${folder} holds no run.`,
      expected: `a run directory with ${runFiles.events}`,
      fix: 'Reports are of runs that `fovea train`, or runRecipe with `out`, has made: name the directory of one.',
    })
  }
  const records = readRunFile(await files.read(events, 'events'), events)
  const curves = curvesOfRun(records, folder)
  const beginning = beginningOf(records, events)
  const { model, classNames, isSaved } = await readModel(files, folder, beginning.recipe)
  const facts = factsOfRun(records)
  const metrics = metricCurves(records, curves)
  const result = await readReport(files, folder)
  const predictions = files.join(folder, runFiles.predictions)
  const samples = files.join(folder, runFiles.samples)
  const listed = files.join(folder, runFiles.pictures)
  const test = (await files.exists(listed))
    ? decodeRunPictures(await files.read(listed, 'data'), listed).parts.test
    : undefined
  const own = await readEmbeddings(files, folder)
  const begun = records.findLast(({ type }) => type === 'train-begin')
  return {
    folder,
    name: folder.split(/[\\/]/).findLast(part => part !== '' && part !== '.') ?? folder,
    ...beginning,
    model,
    isSaved,
    classNames: classNames ?? Array.from({ length: model.outputs[0]!.shape.at(-1)! }, (_, index) => String(index)),
    curves,
    learningRates: learningRatesOf(records, curves),
    ...(metrics.length > 0 && { metrics }),
    perClass: facts.perClass ?? [],
    samples: { train: countIn(begun?.['samples']), validation: countIn(begun?.['validationSamples']) },
    findings: diagnose(curves, facts),
    ...(result && { result }),
    ...((await files.exists(predictions)) && { test: decodeTestFile(await files.read(predictions), predictions) }),
    ...((await files.exists(samples)) && { pictures: decodeSamples(await files.read(samples), samples) }),
    ...(test && { testFiles: test.files }),
    ...(own && { own }),
  }
}

const countIn = (value: unknown): number => (Number.isSafeInteger(value) ? Number(value) : 0)

/** The name of a class; its number where the run does not name it. */
export function classNameOf({ classNames }: ReportRun, index: number): string {
  return classNames[index] ?? String(index)
}

/** The last part of a file's name in its folder. */
export function fileNameOf(file: string): string {
  return file.slice(file.lastIndexOf('/') + 1)
}

/** As it is saved; of a run that broke down before anything was, as its recipe has it. */
async function readModel(files: Files, folder: string, recipe: RecipeConfig) {
  for (const name of [runFiles.best, runFiles.model, runFiles.checkpoint]) {
    const path = files.join(folder, name)
    if (!(await files.exists(path))) continue
    const { model, classNames } = decodeModelFile(await files.read(path), path)
    if (!isJsonRecord(model)) continue
    const built = modelFromConfig(model)
    checkClassNames(classNames, built, path)
    return { model: built, classNames, isSaved: true }
  }
  return { model: plainModel(recipe), classNames: undefined, isSaved: false }
}

function learningRatesOf(records: readonly RunRecord[], { epochs }: Curves): number[] {
  const rates = new Map<unknown, number>()
  for (const { type, epoch, learningRate } of records) {
    if (type === 'epoch-end' && typeof learningRate === 'number') rates.set(epoch, learningRate)
  }
  return epochs.map(epoch => rates.get(epoch) ?? Number.NaN)
}

const drawnApart: readonly string[] = ['loss', 'accuracy']

/** One value for each epoch of `curves`; of an epoch that was trained again, the later. */
function metricCurves(records: readonly RunRecord[], { epochs }: Curves): MetricCurve[] {
  const logsOf = new Map<unknown, Readonly<Record<string, unknown>>>()
  for (const { type, epoch, logs } of records) if (type === 'epoch-end' && isJsonRecord(logs)) logsOf.set(epoch, logs)
  const names = mainLogs([...new Set([...logsOf.values()].flatMap(logs => Object.keys(logs)))])
  const values = (name: string): CurveValues =>
    epochs.map(epoch => {
      const value = logsOf.get(epoch)?.[name]
      return typeof value === 'number' ? value : undefined
    })
  return names
    .filter(name => !name.startsWith('val_') && !drawnApart.includes(name))
    .map(name => ({
      name,
      training: values(name),
      ...(names.includes(`val_${name}`) && { validation: values(`val_${name}`) }),
    }))
}

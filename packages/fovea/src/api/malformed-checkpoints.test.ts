import { expect, it } from 'vitest'
import { encodeSafetensors } from '../store/safetensors-encoder.ts'
import { decodeSafetensors } from '../store/tensor-file.ts'
import { earlyStopping } from '../train/callbacks/early-stopping.ts'
import { reduceLROnPlateau } from '../train/callbacks/learning-rate.ts'
import { modelCheckpoint } from '../train/callbacks/model-checkpoint.ts'
import { classes, points } from '../train/tiny.testing.ts'
import { quiet, tiny } from './tiny-classifier.testing.ts'

// A checkpoint goes on to train, so a wrong number in it would be a wrong training. Every field of where training stood, with a value of every kind.
const values: readonly unknown[] = [
  null,
  -1,
  0.5,
  1e9,
  1e308,
  'NaN',
  'Infinity',
  'x',
  'constructor',
  [],
  {},
  [null],
  true,
]

const options = () => ({
  epochs: 4,
  batchSize: 4,
  validationSplit: 0.3,
  callbacks: [
    earlyStopping({ patience: 9, restoreBestWeights: true }),
    reduceLROnPlateau({ patience: 9 }),
    modelCheckpoint({ filepath: 'best.safetensors' }),
  ],
  ...quiet,
})

/** What training left behind when it was stopped within its third epoch. */
async function stopped(): Promise<Uint8Array> {
  const { model, files } = tiny()
  const controller = new AbortController()
  let batches = 0
  const counting = { onBatchEnd: () => void (++batches === 7 && controller.abort()) }
  const { callbacks, ...others } = options()
  const { signal } = controller
  await model.fit(points, classes, { ...others, callbacks: [...callbacks, counting], signal, checkpoint: 'last.ckpt' })
  return files.read('last.ckpt')
}

/** As before version 0.3: what is changed in it is not told by a checksum. */
const whole = decodeSafetensors(await stopped())
const { checksum: _, checkpoint: __, ...metadata } = whole.metadata
const file = { ...whole, metadata }
const progress = JSON.parse(file.metadata['progress']!) as Record<string, unknown>

function pathsIn(value: unknown, path: readonly string[] = []): (readonly string[])[] {
  const own = path.length === 0 ? [] : [path]
  if (typeof value !== 'object' || value === null) return own
  return [...own, ...Object.entries(value).flatMap(([name, each]) => pathsIn(each, [...path, name]))]
}

function changed(path: readonly string[], value: unknown): Uint8Array {
  const other = structuredClone(progress)
  const owner = path.slice(0, -1).reduce((at, name) => at[name] as Record<string, unknown>, other)
  owner[path.at(-1)!] = value
  return encodeSafetensors({ ...file, metadata: { ...file.metadata, progress: JSON.stringify(other) } })
}

async function outcomeOf(resumeFrom: Uint8Array): Promise<string> {
  try {
    const { history } = await tiny().model.fit(points, classes, { ...options(), resumeFrom })
    return `${history['val_loss']?.length} epochs, ending at ${history['val_loss']?.at(-1)}`
  } catch (error) {
    return error instanceof Error ? `${error.name}: ${error.message}` : String(error)
  }
}

it('goes on where it stood', async () => {
  expect(progress).toMatchObject({ epoch: 2, batch: 1 })
  const { history } = await tiny().model.fit(points, classes, options())
  expect(await outcomeOf(encodeSafetensors(file))).toBe(`4 epochs, ending at ${history['val_loss']!.at(-1)}`)
})

it('refuses what cannot be, and goes on only with what could', async () => {
  /** Any number may have been measured or kept; a rate may be set, and what no callback asks for is passed over. */
  const free =
    /^(sums|history\.\d+\.(loss|accuracy|val_loss|val_accuracy|seconds|learningRate)|learningRate|step|callbacks\.(\d-\w+\.(best|wait|resting|bestEpoch)|\d-\w+))/
  const faults: string[] = []
  let refused = 0
  for (const path of pathsIn(progress)) {
    for (const value of values) {
      const outcome = await outcomeOf(changed(path, value))
      const isFree = free.test(path.join('.')) && (typeof value === 'number' || value === 'NaN' || value === 'Infinity')
      // As after a training that began later, or with other callbacks.
      const isLess =
        (path[0] === 'history' && String(value) === '' && Array.isArray(value)) ||
        (path.length === 1 && path[0] === 'callbacks' && String(value) === '[object Object]')
      if (outcome.startsWith('UserError')) refused++
      else if (!isFree && !isLess) faults.push(`${path.join('.')} = ${JSON.stringify(value)}: ${outcome.slice(0, 160)}`)
      if (!/^(UserError|\d epochs)/.test(outcome))
        faults.push(`${path.join('.')} = ${JSON.stringify(value)}: ${outcome.slice(0, 160)}`)
    }
  }
  expect(faults).toEqual([])
  expect(refused).toBeGreaterThan(300)
})

it('refuses arrays that are not of the model', async () => {
  const kept = file.tensors.findIndex(({ name }) => name.startsWith('kept:0-earlyStopping'))
  const state = file.tensors.findIndex(({ name }) => name.startsWith('dense/kernel'))
  for (const index of [kept, state]) {
    const without = encodeSafetensors({ ...file, tensors: file.tensors.toSpliced(index, 1) })
    expect(await outcomeOf(without)).toMatch(/^UserError: .*do not fit the model[\s\S]*is missing/)
    const [name, data] = [file.tensors[index]!.name, new Float32Array(3)]
    const shorter = encodeSafetensors({ ...file, tensors: file.tensors.with(index, { name, shape: [3], data }) })
    expect(await outcomeOf(shorter)).toMatch(/^UserError: .*do not fit the model/)
  }
})

/** `fovea predict` of many pictures: folders, lists, parts of lists, the forms of its answers, thresholds. The model tells red from blue. */
import { spawn } from 'node:child_process'
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { PredictDocument } from '../../packages/cli/src/command/predict-documents.ts'
import { readCsv } from '../../packages/fovea/src/base/csv.ts'
import { inMemory } from '../../packages/fovea/src/data/memory-source.ts'
import { dense, flatten, rescaling, sequential } from '../../packages/fovea/src/index.ts'
import { runFiles } from '../../packages/fovea/src/run/run-files.ts'
import { encodeTestFile } from '../../packages/fovea/src/run/test-file.ts'
import { pngBytes } from '../../packages/pictures/src/png-bytes.testing.ts'
import { callFovea } from './fovea-call.testing.ts'
import { bin, ensureBuilt } from './fovea-process.testing.ts'

let folder: string
const at = (...names: string[]): string => join(folder, ...names)

/** Red and blue from 0 to 255, on the left and on the right. */
function put(place: string, [red, blue]: readonly [number, number], [red2, blue2] = [red, blue]): void {
  const data = Uint8Array.from({ length: 8 * 8 * 3 }, (_, byte) => {
    const isRight = (byte / 3) % 8 >= 4
    return [isRight ? red2 : red, 0, isRight ? blue2 : blue][byte % 3]!
  })
  mkdirSync(join(at(place), '..'), { recursive: true })
  writeFileSync(at(place), pngBytes({ width: 8, height: 8, channels: 3, data }))
}

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'fovea-predict-'))
  const model = sequential([
    rescaling({ scale: 1 / 255, inputShape: [2, 2, 3] }),
    flatten(),
    dense({ units: 2, activation: 'softmax' }),
  ])
  model.classNames = ['red', 'blue']
  // The left half counts three times as much.
  const kernel = [3, 1, 3, 1].flatMap(weight => [weight, -weight, 0, 0, -weight, weight].map(value => value / 4))
  const [{ name: kernelName }, { name: biasName }] = model.model.weights as unknown as [
    { name: string },
    { name: string },
  ]
  await model.setWeights([
    { name: kernelName, shape: [12, 2], data: Float32Array.from(kernel) },
    { name: biasName, shape: [2], data: new Float32Array(2) },
  ])
  mkdirSync(at('run'))
  writeFileSync(at('run', runFiles.best), await model.toBytes())
  writeFileSync(at('run', runFiles.events), '')
  put('photos/1.png', [255, 0])
  put('photos/2.png', [0, 255])
  put('photos/10.png', [200, 0])
  put('photos/unclear.png', [120, 110])
  put('photos/more of them/3.png', [0, 200])
  writeFileSync(at('photos', '.hidden.png'), '')
  writeFileSync(at('photos', 'notes.txt'), 'x')
})
afterAll(() => rmSync(folder, { recursive: true }))

const photos = ['1.png', '2.png', '10.png', join('more of them', '3.png'), 'unclear.png'].map(name =>
  join('photos', name),
)
const inside = (place: string): string => place.slice(folder.length + 1)
const predict = (...words: string[]) => callFovea(['predict', at('run'), ...words, '--threads', '1'])

async function answers(...words: string[]): Promise<[string, string][]> {
  const { stdout } = await predict(...words, '--json')
  return (JSON.parse(stdout) as PredictDocument).predictions.map(({ picture, className }) => [
    inside(picture),
    className,
  ])
}

describe('a folder', () => {
  test('stands for the pictures in it and below it, in natural order; other files are told', async () => {
    const call = await predict(at('photos'))
    expect(call.code).toBe(0)
    const rows = call.stdout.split('\n').filter(line => line.startsWith(folder))
    expect(rows.map(row => /(\S+) +\d+\.\d\d %/.exec(row)![1])).toEqual(['red', 'blue', 'red', 'blue', 'red'])
    expect(await answers(at('photos'))).toEqual(
      photos.map((name, index) => [name, ['red', 'blue', 'red', 'blue', 'red'][index]]),
    )
    expect(call.stdout).toContain('\n5 pictures: 3 red, 2 blue.\n')
    expect(call.stderr).toMatch(/^Note: 1 file was passed over:\n {2}\S*notes\.txt: not a picture that is read\n$/)
  })

  test('without pictures is named, and the others are answered', async () => {
    mkdirSync(at('empty'), { recursive: true })
    const alone = await predict(at('empty'))
    expect([alone.code, alone.stdout]).toEqual([1, ''])
    expect(alone.stderr).toMatch(/empty is a folder without pictures[\s\S]*an empty folder/)
    const both = await predict(at('empty'), at('photos', '1.png'), '--csv')
    expect(both.code).toBe(1)
    expect(both.stdout.split('\n')).toHaveLength(3)
    expect(both.stderr).toContain('empty is a folder without pictures')
  })

  test('may hold pictures of kinds that are not read, and damaged ones: they are told at the end', async () => {
    put('mixed/good.png', [255, 0])
    writeFileSync(at('mixed', 'a.heic'), Buffer.from('\0\0\0\x18ftypheic\0\0\0\0mif1heic', 'latin1'))
    writeFileSync(at('mixed', 'b.jpg'), 'x')
    if (process.platform !== 'win32') symlinkSync(at('mixed'), at('mixed', 'circle'))
    const call = await predict(at('mixed'), '--jsonl')
    expect(call.code).toBe(1)
    const lines = call.stdout
      .trimEnd()
      .split('\n')
      .map(line => JSON.parse(line))
    expect(lines.map(line => [inside(line.picture), 'problems' in line])).toEqual([
      [join('mixed', 'a.heic'), true],
      [join('mixed', 'b.jpg'), true],
      [join('mixed', 'good.png'), false],
    ])
    expect(call.stderr).toMatch(/a\.heic cannot be read[\s\S]*HEIC[\s\S]*b\.jpg cannot be read/)
  })

  test.skipIf(process.platform === 'win32' || process.getuid!() === 0)(
    'in it that may not be looked into is told, and the rest answered',
    async () => {
      put('closed/in/1.png', [255, 0])
      put('closed/2.png', [255, 0])
      chmodSync(at('closed', 'in'), 0)
      const call = await predict(at('closed'), '--json')
      chmodSync(at('closed', 'in'), 0o755)
      expect([call.code, JSON.parse(call.stdout).predictions.length]).toEqual([1, 1])
      expect(call.stderr).toMatch(/closed\/in cannot be listed/)
    },
  )
})

describe('a list on standard input', () => {
  const listed = async (stdin: string | Uint8Array) => {
    const call = await callFovea(['predict', at('run'), '-', '--threads', '1', '--json'], { stdin })
    const { predictions } = JSON.parse(call.stdout) as Partial<PredictDocument>
    return predictions ? predictions.map(({ picture }) => inside(picture)) : call.stderr
  }
  const [one, two] = ['photos/1.png', join('photos', 'more of them', '3.png')] as const

  test.each([
    ['lines', (a: string, b: string) => `${a}\n\n${b}`],
    ['lines of Windows', (a: string, b: string) => `${a}\r\n${b}\r\n`],
    ['zero bytes, as find -print0 writes them', (a: string, b: string) => `${a}\0${b}\0`],
  ])('of %s', async (_, join) => {
    expect(await listed(join(at(one), at(two)))).toEqual([one, two])
  })

  test('may name folders', async () => {
    expect(await listed(at('photos'))).toEqual(photos)
  })

  test('that is none is refused', async () => {
    expect(await listed('')).toMatch(/names no picture/)
    expect(await listed(readFileSync(at('photos', '1.png')))).toMatch(/not a list of paths[\s\S]*a PNG picture/)
  })
})

describe('--shard', () => {
  test('takes equal parts of the sorted list, which are the list together', async () => {
    const parts = await Promise.all(['1/2', '2/2'].map(part => answers(at('photos'), '--shard', part)))
    expect(parts.map(part => part.length)).toEqual([2, 3])
    expect(parts.flat().map(([name]) => name)).toEqual(photos)
    const shuffled = [3, 0, 4, 2, 1].map(index => at(photos[index]!))
    expect(await answers(...shuffled, '--shard', '2/2')).toEqual(parts[1])
  })

  test('of more parts than pictures has empty ones, which are no mistake', async () => {
    const call = await predict(at('photos', '1.png'), '--shard', '1/3', '--json')
    expect(call.code).toBe(0)
    expect(JSON.parse(call.stdout)).toMatchObject({ predictions: [], failed: [] })
    expect((await predict(at('photos', '1.png'), '--shard', '1/3', '--csv')).stdout).toMatch(/^picture,class,[^\n]*\n$/)
  })

  test.each(['0/2', '3/2', '2', '1/0', 'a/b', '1/2/3'])('%s is none', async part => {
    expect(await predict(at('photos'), '--shard', part)).toMatchObject({ code: 2, stdout: '' })
  })
})

describe('answers', () => {
  test('are the same in every form', async () => {
    const document = JSON.parse((await predict(at('photos'), '--json')).stdout) as PredictDocument
    const lines = (await predict(at('photos'), '--jsonl')).stdout
      .trimEnd()
      .split('\n')
      .map(line => JSON.parse(line))
    expect(lines).toEqual(document.predictions)
    const { names, rows } = readCsv((await predict(at('photos'), '--csv')).stdout, 'csv')
    expect(names).toEqual(['picture', 'class', 'probability', 'p(red)', 'p(blue)'])
    expect(rows.map(({ cells }) => cells)).toEqual(
      document.predictions.map(({ picture, className, probability, probabilities }) =>
        [picture, className, probability, ...probabilities].map(String),
      ),
    )
  })

  test('name as many classes as --top says', async () => {
    const { predictions } = JSON.parse((await predict(at('photos', '1.png'), '--top', '1', '--json')).stdout)
    expect(predictions[0].top).toEqual([{ class: 0, className: 'red', probability: predictions[0].probability }])
    expect(predictions[0].probabilities).toHaveLength(2)
    expect((await predict(at('photos', '1.png'), '--top', '1')).stdout).toMatch(/1\.png: red [\d.]+ %\n/)
  })

  test('exclude each other’s forms', async () => {
    for (const pair of [
      ['--csv', '--json'],
      ['--csv', '--jsonl'],
      ['--json', '--jsonl'],
      ['--min', '1', '--precision', '1'],
    ])
      expect(await predict(at('photos'), ...pair)).toMatchObject({ code: 2, stderr: expect.stringMatching(/exclude/) })
  })

  test('that are interrupted are one document all the same', async () => {
    const words = new Array<string>(300).fill(at('photos', '1.png'))
    const call = await callFovea(['predict', at('run'), ...words, '--threads', '1', '--json'], {
      onOutput: (text, interrupt) => {
        if (text.includes('"picture"')) interrupt()
      },
    })
    const { predictions, error } = JSON.parse(call.stdout) as PredictDocument
    expect(call).toMatchObject({ code: 130, stderr: 'Interrupted.\n' })
    expect(predictions.length).toBeGreaterThan(0)
    expect(predictions.length).toBeLessThan(300)
    expect(error).toEqual([{ what: 'Interrupted.' }])
  })

  test('stop where nobody reads them any more', async () => {
    ensureBuilt()
    const words = [bin, 'predict', at('run'), '-', '--threads', '1', '--jsonl']
    const child = spawn(process.execPath, words, { stdio: ['pipe', 'pipe', 'pipe'] })
    let stderr = ''
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      stderr += text
    })
    child.stdout.destroy()
    // The last one is missing: whoever came to it would say so.
    child.stdin.end([...new Array<string>(300).fill(at('photos', '1.png')), at('gone.png')].join('\n'))
    const code = await new Promise(resolve => child.on('close', resolve))
    expect([code, stderr]).toEqual([0, ''])
  }, 60_000)
})

describe('views', () => {
  test('of a picture are averaged with --augment', async () => {
    // Red on the left, where the model looks, and blue on the right: mirrored it is as blue as it was red.
    put('half.png', [255, 0], [0, 255])
    const probability = async (...words: string[]): Promise<number> =>
      JSON.parse((await predict(at('half.png'), ...words, '--json')).stdout).predictions[0].probabilities[0]
    expect(await probability()).toBeGreaterThan(0.7)
    expect(await probability('--augment')).toBeGreaterThan(0.4)
    expect(await probability('--augment')).toBeLessThan(0.6)
    expect(await probability('--views', 'mirror')).toBeCloseTo(0.5, 3)
    expect(await probability('--views', 'none')).toBe(await probability())
    const both = await predict(at('half.png'), '--views', 'mirror', '--augment')
    expect(both.stderr).toContain('--augment and --views exclude each other')
    const { views } = JSON.parse((await predict(at('half.png'), '--views', 'shifts', '--json')).stdout)
    expect(views).toBe('shifts')
  })
})

describe('the threshold', () => {
  test('--min makes less probable answers unsure, in every form', async () => {
    const sure = ['red', 'blue', 'red', 'blue', 'unsure']
    expect((await answers(at('photos'), '--min', '0.8')).map(([, name]) => name)).toEqual(sure)
    const { threshold, predictions } = JSON.parse((await predict(at('photos'), '--min', '0.8', '--json')).stdout)
    expect(threshold).toEqual({ min: 0.8 })
    expect(predictions[4]).toMatchObject({ class: null, className: 'unsure' })
    const { rows } = readCsv((await predict(at('photos'), '--min', '0.8', '--csv')).stdout, 'csv')
    expect(rows.map(({ cells }) => cells[1])).toEqual(sure)
    expect((await predict(at('photos'), '--min', '0.8')).stdout).toContain('5 pictures: 2 red, 2 blue, 1 unsure.')
    expect((await predict(at('photos'), '--min', '2')).code).toBe(2)
  })

  test('--precision chooses it on the pictures that the run was tested on', async () => {
    const labels = Uint8Array.of(0, 1, 0, 1, 0)
    const tested = inMemory({ images: new Uint8Array(60), labels, shape: [2, 2, 3], classNames: ['red', 'blue'] })
    const red = [0.9, 0.2, 0.75, 0.65, 0.45]
    const rows = Float32Array.from(red.flatMap(value => [value, 1 - value]))
    writeFileSync(at('run', runFiles.predictions), await encodeTestFile(rows, tested))
    const call = await predict(at('photos'), '--precision', '0.95', '--json')
    const { threshold } = JSON.parse(call.stdout) as PredictDocument
    expect(threshold).toEqual({
      min: 0.75,
      precision: 0.95,
      heldOut: { pictures: 5, answered: 3, right: 3, unknown: 0, unknownAnswered: 0 },
    })
    expect(call.stderr).toContain(
      "--precision 0.95 is --min 0.75 here: 3 of the run's 5 test pictures (60.00 %) are answered, 3 of them rightly.",
    )
    rmSync(at('run', runFiles.predictions))
  })

  test('is raised by pictures in a folder called unknown, of none of the classes', async () => {
    put('set/red/1.png', [255, 0])
    put('set/blue/1.png', [0, 255])
    put('set/unknown/1.png', [230, 0])
    const parts = { train: { files: ['red/1.png'], labels: [0] } }
    writeFileSync(
      at('run', runFiles.pictures),
      JSON.stringify({ folder: at('set'), classNames: ['red', 'blue'], parts }),
    )
    const tested = inMemory({
      images: new Uint8Array(48),
      labels: Uint8Array.of(0, 0, 0, 0),
      shape: [2, 2, 3],
      classNames: ['red', 'blue'],
    })
    const rows = Float32Array.of(0.995, 0.005, 0.9, 0.1, 0.8, 0.2, 0.7, 0.3)
    writeFileSync(at('run', runFiles.predictions), await encodeTestFile(rows, tested))
    const thresholdAt = async (precision: string) => {
      const call = await predict(at('photos', '1.png'), '--precision', precision, '--json')
      return [(JSON.parse(call.stdout) as PredictDocument).threshold!, call.stderr] as const
    }
    const [all] = await thresholdAt('0.8')
    expect(all).toMatchObject({ min: 0, heldOut: { pictures: 4, right: 4, unknown: 1, unknownAnswered: 1 } })
    const [raised, told] = await thresholdAt('0.9')
    expect(raised).toMatchObject({ heldOut: { answered: 1, unknownAnswered: 0 } })
    expect(raised.min).toBeCloseTo(0.995, 6)
    expect(told).toContain(
      "1 of the run's 4 test pictures (25.00 %) are answered, 1 of them rightly, and 0 of the 1 that are none of the classes.",
    )
    rmSync(at('set'), { recursive: true })
    const [without, why] = await thresholdAt('0.9')
    expect(without).toMatchObject({ min: 0, heldOut: { unknown: 0 } })
    expect(why).toContain('not where they were')
    rmSync(at('run', runFiles.pictures))
    rmSync(at('run', runFiles.predictions))
  })

  test('that is out of reach, or has nothing to be chosen on, is told', async () => {
    const tested = inMemory({
      images: new Uint8Array(24),
      labels: Uint8Array.of(0, 1),
      shape: [2, 2, 3],
      classNames: ['red', 'blue'],
    })
    writeFileSync(at('run', runFiles.predictions), await encodeTestFile(Float32Array.of(0.7, 0.3, 0.8, 0.2), tested))
    const call = await predict(at('photos'), '--precision', '0.9', '--json')
    expect(call.code).toBe(1)
    expect(JSON.parse(call.stdout).error[0]).toMatchObject({
      what: expect.stringMatching(/^No threshold/),
      received: expect.stringContaining('50.00 %'),
    })
    rmSync(at('run', runFiles.predictions))
    const file = at('run', runFiles.best)
    for (const model of [file, at('run')])
      expect((await callFovea(['predict', model, at('photos'), '--precision', '0.9'])).stderr).toMatch(
        /held out of the training[\s\S]*--min/,
      )
  })
})

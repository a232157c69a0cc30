/** Calls that are right or wrong by their words alone: exit codes, nearest names, help, one JSON document. */
import { beforeAll, describe, expect, test } from 'vitest'
import type {
  DataDocument,
  DoctorDocument,
  ErrorDocument,
  HelpDocument,
} from '../../packages/cli/src/command/documents.ts'
import { verbs } from '../../packages/cli/src/verbs/verbs.ts'
import { callFovea } from './fovea-call.testing.ts'
import { ensureBuilt, fovea, temporaryFolder } from './fovea-process.testing.ts'

beforeAll(ensureBuilt, 120_000)

describe('help', () => {
  test('no words, --help and help list every verb', async () => {
    for (const words of [[], ['--help'], ['-h'], ['help']]) {
      const { code, stdout, stderr } = await callFovea(words)
      expect(code).toBe(0)
      expect(stderr).toBe('')
      for (const verb of verbs) expect(stdout).toContain(verb.name)
    }
  })

  test('every verb explains itself, with each of its options', async () => {
    for (const verb of verbs) {
      const { code, stdout } = await callFovea([verb.name, '--help'])
      expect(code).toBe(0)
      expect(stdout).toContain(verb.summary)
      for (const option of Object.keys((await verb.load()).options)) expect(stdout).toContain(`--${option}`)
      expect(stdout).toContain(`Example: fovea ${verb.name}`)
    }
  })

  test('help as a document', async () => {
    const { stdout } = await callFovea(['help', 'data', '--json'])
    const document = JSON.parse(stdout) as HelpDocument
    expect(document.verbs.map(verb => verb.name)).toEqual(['data'])
    expect(document.verbs[0]!.options.map(option => option.name)).toContain('show')
  })

  test('--version is the package version', async () => {
    expect((await fovea(['--version'])).stdout).toMatch(/^\d+\.\d+\.\d+\S*\n$/)
  })
})

describe('wrong usage', () => {
  const cases: [string, string, RegExp][] = [
    ['a verb mistyped', 'trian shapes-mlp', /no verb 'trian'[\s\S]*Did you mean 'train'/],
    ['a verb unlike any', 'xylophone', /no verb 'xylophone'[\s\S]*fovea help/],
    ['an option mistyped', 'train shapes-mlp --epoch 3', /no option --epoch[\s\S]*Did you mean --epochs/],
    ['a recipe mistyped', 'train shape-mlp', /shape-mlp[\s\S]*shapes-mlp/],
    ['a recipe mistyped in summary', 'summary mnist-cn', /mnist-cn[\s\S]*mnist-cnn/],
    ['a data set mistyped', 'data shpaes', /no data set 'shpaes'[\s\S]*Did you mean 'shapes'/],
    ['a word missing', 'data', /takes one NAME[\s\S]*mnist, fashion-mnist/],
    ['a data set by the beginning of its name', 'data fashion', /Did you mean 'fashion-mnist'/],
    ['a file where a recipe is named', 'recipes my.json', /my\.json is a file[\s\S]*fovea summary my\.json/],
    [
      'one recipe compared with nothing',
      'compare shapes-mlp',
      /nothing to compare shapes-mlp with[\s\S]*--seeds 1,2,3/,
    ],
    ['a model behind a picture', 'predict runs/a c.png b.safetensors', /b\.safetensors is a model behind a picture/],
    ['models and no picture', 'predict a.safetensors b.safetensors', /about no picture[\s\S]*2 models/],
    ['a threshold of several runs', 'predict a.keras b.keras c.png --precision 0.9', /threshold of one run/],
    ['a configuration file mistyped', 'train packge.json', /Did you mean 'package\.json'/],
    ['a word too many', 'doctor now', /takes no words/],
    ['a value missing', 'train shapes-mlp --epochs', /--epochs needs a value/],
    ['a value of the wrong kind', 'train shapes-mlp --epochs many', /--epochs[\s\S]*whole number[\s\S]*many/],
    ['a value where none belongs', 'doctor --quiet=yes', /--quiet takes no value/],
    ['a choice that is none', 'train shapes-mlp --numerics exact', /reproducible or fast/],
    ['no recipe', 'train', /takes one RECIPE/],
    ['a picture missing', 'predict runs/a', /predict takes at least one MODEL and at least one PICTURE/],
    ['a picture missing in explain', 'explain runs/a', /explain takes one MODEL and one PICTURE/],
    ['a picture before the model', 'predict a.png runs/a', /a\.png is a picture[\s\S]*model first/],
    ['options that exclude each other', 'filter a.png --filter edge --kernel 1', /--filter and --kernel exclude/],
    ['an option without the one it needs', 'filter a.png --pool-size 3', /--pool-size needs --pool/],
    ['a turn between the steps', 'shift-test runs/a --degrees 15', /--degrees[\s\S]*multiple of 10/],
    ['several at once', 'data shapes --cuont 3 --shwo', /--count[\s\S]*--show/],
  ]
  for (const [name, words, message] of cases) {
    test(`${name}: exit 2 and how to fix it`, async () => {
      const { code, stdout, stderr } = await callFovea(words.split(' '))
      expect(stderr).toMatch(message)
      expect(code).toBe(2)
      expect(stdout).toBe('')
    })
  }

  test('commands in a message are called as the program is', async () => {
    const env = { npm_lifecycle_event: 'npx' }
    const missing = await fovea(['predict', 'mnist-cnn', 'a.png'], { env })
    expect(missing.stderr).toContain('Train it first: npx fovea train mnist-cnn')
    expect((await fovea(['summary', 'xylophone'], { env })).stderr).toContain('See `npx fovea recipes`.')
  })

  test('with --json the error is the one document', async () => {
    const { code, stdout } = await fovea(['data', 'shpaes', '--json'])
    const document = JSON.parse(stdout) as ErrorDocument
    expect(document.error[0]!.fix).toContain('shapes')
    expect(code).toBe(2)
  })
})

describe('what fails without being wrong usage', () => {
  test('a missing data set: exit 1, with address, folder and the built-in data set', async () => {
    const { code, stderr } = await fovea(['data', 'mnist'], { env: { FOVEA_CACHE: temporaryFolder() } })
    expect(code).toBe(1)
    expect(stderr).toMatch(/https?:\/\//)
    expect(stderr).toContain('shapes')
  })
})

describe('documents', () => {
  test('data describes the built-in set', async () => {
    const { code, stdout } = await callFovea(['data', 'shapes', '--json'])
    const document = JSON.parse(stdout) as DataDocument
    expect(code).toBe(0)
    expect(document).toMatchObject({ name: 'shapes', shape: [32, 32, 3] })
    expect([document.train.count, document.test!.count]).toEqual([12_000, 2_000])
    expect(document.train.perClass).toEqual(document.classNames.map(() => 1200))
  })

  test('doctor says what this machine has', async () => {
    const { code, stdout } = await callFovea(['doctor', '--json'])
    const document = JSON.parse(stdout) as DoctorDocument
    expect(document).toMatchObject({ ok: true, simd: true, threads: true, versions: { node: process.versions.node } })
    expect(document.gflops!.reproducible).toBeGreaterThan(0.1)
    expect(document.gflops!.fast).toBeGreaterThan(0.1)
    expect(code).toBe(0)
  })

  test('people get one suggested next command, a pipe gets none of it with --json', async () => {
    const human = await callFovea(['doctor'])
    expect(human.stdout.trimEnd().split('\n').at(-1)).toMatch(/^Next: fovea \w+/)
    const quiet = await fovea(['doctor', '--json', '--quiet'])
    expect(quiet.stderr).toBe('')
  })
})

describe('pictures in the terminal', () => {
  test('--show draws the first training pictures with their classes', async () => {
    const { stdout } = await callFovea(['data', 'shapes', '--show', '--count', '2'])
    const [, drawn] = stdout.split(/^crescent +triangle$/m)
    expect(drawn!.split('\n').filter(line => line.length === 66)).toHaveLength(16)
  })
})

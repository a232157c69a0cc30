/** The documentation is true: TypeScript blocks type-check strictly and run on the built package, commands exist, links lead somewhere. */
import { existsSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { verbNamed } from '../packages/cli/src/command/help.ts'
import { parseOptions } from '../packages/cli/src/command/options.ts'
import { verbs } from '../packages/cli/src/verbs/verbs.ts'
import { grouped } from '../packages/fovea/src/base/text.ts'
import { activationTable } from '../packages/fovea/src/layers/activations.ts'
import { zooModel } from '../packages/fovea/src/network/zoo/zoo.ts'
import { recipes } from '../packages/fovea/src/recipes/recipes.ts'
import { blocksOf, codeBlocks, documents, jobsPage, localLinks, longLines, longLinesOf } from './markdown.testing.ts'
import { inNode, type Program, programFolder, programsOf } from './markdown-programs.testing.ts'
import { root } from './source-files.testing.ts'

const blocks = documents().flatMap(codeBlocks)
const programs = programsOf(blocks)

describe('TypeScript in the documentation', () => {
  const folder = programFolder(programs)
  afterAll(folder.remove)

  test('there is some', () => {
    expect(programs.length).toBeGreaterThan(0)
  })

  test('it type-checks with the strictest flags', () => {
    expect(faults).toBe('')
  })

  // The jobs are many: they run in a slow suite of their own, as the README's first program does, from the packed library in four tool
  // chains (the guide's first model is the same training). A program that stands in two documents runs once.
  const first = ({ code }: Program, index: number): boolean => programs.findIndex(each => each.code === code) === index
  const elsewhere = ({ place }: Program): boolean => place.startsWith(jobsPage) || place.startsWith('README.md:')
  const here = inNode(programs.filter(first)).filter(program => !elsewhere(program))
  let faults: string
  let outcomeOf: ReturnType<typeof folder.run>
  beforeAll(() => {
    folder.prepare()
    faults = folder.compile()
    outcomeOf = folder.run(here)
  }, 600_000)

  test.each(here)('$place runs', program => {
    const { stderr, promised, kept } = outcomeOf(program)
    expect(stderr).toBe('')
    // What a comment says to be true is printed as true.
    expect(kept).toBe(promised)
  })
})

describe('commands in the documentation', () => {
  const lines = blocks
    .filter(block => block.language === 'sh')
    .flatMap(({ place, code }) => code.split('\n').map(line => ({ place, line: line.replace(/\s+#.*$/, '').trim() })))
    .filter(({ line }) => line !== '' && !line.startsWith('#'))

  test.each(lines)('$place: $line', async ({ line }) => {
    const [program, ...words] = line.replace(/^npx /, '').split(/\s+/)
    if (program === 'npm') checkNpm(words)
    else if (program === 'node') expect(existsSync(join(root, words[0]!)), words[0]).toBe(true)
    else if (program === 'fovea') {
      const verb = await verbNamed(words[0]!, verbs).load()
      expect(() => parseOptions(words.slice(1), verb.options)).not.toThrow()
    } else expect(['git', 'cd']).toContain(program)
  })

  function checkNpm([verb, name]: string[]): void {
    const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
      scripts: Record<string, string>
    }
    if (verb === 'run') expect(Object.keys(scripts)).toContain(name)
    else expect(['test', 'install']).toContain(verb)
  }
})

describe('links in the documentation', () => {
  test.each(documents())('%s leads to files that exist', document => {
    const missing = localLinks(document).filter(target => !existsSync(join(root, dirname(document), target)))
    expect(missing).toEqual([])
  })
})

describe('lines of the documentation', () => {
  test.each(documents())('%s is wrapped at 120 signs', document => {
    expect(longLines(document, 120)).toEqual([])
  })

  test('long lines are found in prose, lists and HTML, not in code and tables', () => {
    const long = 'a'.repeat(9)
    const text = [long, `- ${long}`, `<p>${long}</p>`, `| ${long} |`, '```', long, '```', 'ééééé éé', long].join('\n')
    expect(longLinesOf(text, 'X.md', 8)).toEqual(['X.md:1: 9', 'X.md:2: 11', 'X.md:3: 16', 'X.md:9: 9'])
  })
})

describe('the glossary', () => {
  const glossary = readFileSync(join(root, 'docs/glossary.md'), 'utf8')
  const rows = [...glossary.matchAll(/^\| (?!word )(\S+) \| (.+) \| `(\S+)` \|$/gm)].map(([, word, meaning, file]) => ({
    word: word!,
    meaning: meaning!,
    file: file!,
  }))

  test('every line of its tables is a word, its meaning and a file', () => {
    const lines = glossary.split('\n').filter(line => /^\| (?!word )/.test(line))
    expect(rows).toHaveLength(lines.length)
    expect(new Set(rows.map(({ word }) => word)).size).toBe(rows.length)
  })

  test.each(rows)('$word: $file exists and uses the word', ({ word, file }) => {
    expect(existsSync(join(root, file)), file).toBe(true)
    expect(readFileSync(join(root, file), 'utf8').toLowerCase()).toContain(word)
  })

  test('has the words of the plan: every kind of job, of memory and of split', () => {
    const types =
      readFileSync(join(root, 'packages/fovea/src/plan/types.ts'), 'utf8') +
      readFileSync(join(root, 'packages/fovea/src/plan/fuse.ts'), 'utf8')
    const kinds = ['space', 'split', 'kind'].flatMap(field =>
      [...types.matchAll(new RegExp(`^  (?:readonly )?${field}: ((?:'\\w+'(?: \\| )?)+)$`, 'gm'))].flatMap(
        ([, union]) => union!.split(' | ').map(word => word.replaceAll("'", '')),
      ),
    )
    expect(kinds).toHaveLength(10)
    expect(kinds.filter(word => !new RegExp(`\\b${word.replace(/s$/, '')}s?\\b`).test(glossary))).toEqual([])
  })
})

test('the page for who comes from Keras names every activation', () => {
  const page = readFileSync(join(root, 'docs/keras.md'), 'utf8')
  expect(Object.keys(activationTable).filter(name => !page.includes(`\`${name}\``))).toEqual([])
})

describe('the README itself', () => {
  test('says which two commands to type, and the first model has at most fifteen lines', () => {
    const readme = codeBlocks('README.md')
    // Own pictures come first, then the clone.
    const [own, commands] = readme.filter(block => block.language === 'sh').map(({ code }) => code)
    expect(own).toMatch(/^npx fovea train photos[\s\S]*npx fovea predict/)
    expect(commands).toContain('npm run demo')
    expect(commands).toContain('npm test')
    const first = readme.find(block => block.language === 'ts')!
    expect(first.code.split('\n').length).toBeLessThanOrEqual(15)
    // The package's own page begins with the same.
    expect(codeBlocks('packages/fovea/README.md').find(block => block.language === 'ts')!.code).toBe(first.code)
  })
})

describe('the table of recipes', () => {
  const readme = readFileSync(join(root, 'README.md'), 'utf8')
  const rows = new Map(
    [...readme.matchAll(/^\| `([\w-]+)` \|(.*)\|$/gm)]
      .map(([, name, cells]) => [name!, cells!.split('|').map(cell => cell.trim())] as const)
      .filter(([, cells]) => cells.length === 6),
  )

  test('names every recipe', () => {
    expect([...rows.keys()].sort()).toEqual(recipes.map(recipe => recipe.name).sort())
  })

  test.each(recipes)('$name: its data, parameters, batch and epochs', ({ name, dataset, model, batchSize, epochs }) => {
    const [data, , params, fit] = rows.get(name) ?? []
    const { trainable, nonTrainable } = zooModel(String(model)).parameters
    expect(data!.toLowerCase()).toContain(dataset)
    expect(params).toBe(grouped(trainable + nonTrainable))
    expect(fit).toMatch(new RegExp(`^${batchSize}, ${epochs}\\b`))
  })
})

test('blocks are found with their language, marks and line', () => {
  const found = blocksOf('text\n```ts browser\nconst a = 1\n```\n```sh\nnpm test\n```\n', 'X.md')
  expect(found).toEqual([
    { place: 'X.md:2', language: 'ts', marks: ['browser'], code: 'const a = 1' },
    { place: 'X.md:5', language: 'sh', marks: [], code: 'npm test' },
  ])
})

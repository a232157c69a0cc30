/** Programs of the documentation in a folder of their own, where they find the built packages as a user's project does. */
import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ensureBuilt } from './cli/fovea-process.testing.ts'
import type { CodeBlock } from './markdown.testing.ts'
import { root } from './source-files.testing.ts'

export interface Program extends CodeBlock {
  /** Its file in the folder, without ending. */
  readonly file: string
}

/** The TypeScript blocks among these. */
export const programsOf = (blocks: readonly CodeBlock[]): Program[] =>
  blocks.filter(block => block.language === 'ts').map((block, index) => ({ ...block, file: `block-${index}` }))

/** Blocks for Node; the others need a page, and only their types are checked here. */
export const inNode = (programs: readonly Program[]): Program[] =>
  programs.filter(({ marks }) => !marks.includes('browser'))

/** A folder to type-check and run programs in. `prepare` fills it, `remove` takes it away. */
export function programFolder(programs: readonly Program[]) {
  const folder = mkdtempSync(join(tmpdir(), 'fovea-docs-'))

  return {
    remove: () => rmSync(folder, { recursive: true, force: true }),

    prepare() {
      ensureBuilt()
      mkdirSync(join(folder, 'node_modules'))
      for (const name of ['fovea', '@fovea', '@types'])
        symlinkSync(join(root, 'node_modules', name), join(folder, 'node_modules', name), 'junction')
      writeFileSync(join(folder, 'package.json'), '{"type": "module"}')
      const { compilerOptions } = JSON.parse(readFileSync(join(root, 'tsconfig.json'), 'utf8')) as {
        compilerOptions: Record<string, unknown>
      }
      const own = { customConditions: [], noEmit: false, allowImportingTsExtensions: false }
      const config = { compilerOptions: { ...compilerOptions, ...own }, include: ['*.ts'] }
      writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify(config))
      for (const { file, code } of programs) writeFileSync(join(folder, `${file}.ts`), code)
    },

    /** Compiles all of them with the strictest flags; what is wrong, by the places in the documents. */
    compile(): string {
      const tsc = join(root, 'node_modules/typescript/bin/tsc')
      const words = [tsc, '-p', folder, '--pretty', 'false']
      const { stdout, status } = spawnSync(process.execPath, words, { encoding: 'utf8' })
      const named = programs.reduce((text, { file, place }) => text.replaceAll(`${file}.ts`, place), stdout)
      return status === 0 || named ? named : `tsc ended with ${status}`
    },

    /** Runs them, compiled, in one process, which loads the library once and has to end by itself. */
    run(programs: readonly Program[]): (program: Program) => Outcome {
      writeFileSync(join(folder, 'all.mjs'), oneAfterTheOther)
      const together = programs.filter(({ code }) => !startsLater(code))
      const groups = [together, ...programs.filter(({ code }) => startsLater(code)).map(program => [program])]
      const outcomes = new Map(groups.flatMap(group => [...outcomesOf(group)]))
      return program => outcomes.get(program)!
    },
  }

  function outcomesOf(group: readonly Program[]): Map<Program, Outcome> {
    const file = join(folder, 'printed.json')
    rmSync(file, { force: true })
    const words = ['all.mjs', ...group.map(each => each.file)]
    const { status, stderr } = spawnSync(process.execPath, words, { cwd: folder, encoding: 'utf8', timeout: 600_000 })
    const printed = (existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : {}) as Record<string, Printed>
    const outcome = (program: Program): Outcome => {
      const own = printed[program.file] ?? { stdout: '', stderr: `not run: ${stderr || `exit ${status}`}` }
      return {
        stderr: own.stderr || (status === 0 ? '' : `${stderr}\nthe process of the programs ended with ${status}`),
        promised: program.code.match(/\/\/ true\b/g)?.length ?? 0,
        kept: own.stdout.match(/^true$/gm)?.length ?? 0,
      }
    }
    return new Map(group.map(program => [program, outcome(program)]))
  }
}

/** Node's own test runner begins when the file was loaded. */
const startsLater = (code: string): boolean => code.includes("'node:test'")

type Printed = Readonly<Record<'stdout' | 'stderr', string>>

/** What a program wrote on standard error; how many comments say true, and how many lines were printed as true. */
export interface Outcome {
  readonly stderr: string
  readonly promised: number
  readonly kept: number
}

/** Keeps what each program prints, and why it fails. What comes later belongs to the last one. */
const oneAfterTheOther = `import { writeFileSync } from 'node:fs'
const printed = {}
process.on('exit', () => writeFileSync('printed.json', JSON.stringify(printed)))
for (const file of process.argv.slice(2)) {
  const own = (printed[file] = { stdout: '', stderr: '' })
  for (const name of Object.keys(own))
    process[name].write = text => {
      own[name] += text
      return true
    }
  await import('./' + file + '.js').catch(error => {
    own.stderr += error?.stack ?? error
  })
}
`

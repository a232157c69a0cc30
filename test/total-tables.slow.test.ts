/**
 * A new operation, kernel or function cannot be forgotten anywhere: added in a scratch copy of the rooms, the compiler names every
 * table in which it has no row, and nothing else.
 */
import { spawnSync } from 'node:child_process'
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { root, sourceFiles } from './source-files.testing.ts'

const rooms = ['base', 'graph', 'autodiff', 'plan', 'kernels']
let folder = ''

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'fovea-tables-'))
  for (const room of rooms) cpSync(join(root, 'packages/fovea/src', room), join(folder, room), { recursive: true })
  const config = {
    extends: join(root, 'tsconfig.portable.json'),
    include: [join(root, 'test/portable/globals.d.ts'), ...rooms],
    exclude: ['**/*.test*.ts'],
  }
  writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify(config))
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ type: 'module' }))
})
afterAll(() => rmSync(folder, { recursive: true }))

/** A file of the copy, what stands there, and what is put behind it. */
type Insertion = readonly [file: string, behind: string, text: string]

/** The files in which the compiler complains when something is inserted. */
function filesNamed(insertions: readonly Insertion[]): string[] {
  const originals = new Map(insertions.map(([file]) => [file, readFileSync(join(folder, file), 'utf8')]))
  try {
    for (const [file, behind, text] of insertions) {
      const source = readFileSync(join(folder, file), 'utf8')
      expect(source.split(behind).length, `${behind} in ${file}`).toBe(2)
      writeFileSync(join(folder, file), source.replace(behind, behind + text))
    }
    const tsc = join(root, 'node_modules/typescript/bin/tsc')
    const { stdout } = spawnSync(process.execPath, [tsc, '--noEmit', '--pretty', 'false'], {
      cwd: folder,
      encoding: 'utf8',
    })
    return [...new Set([...stdout.matchAll(/^(\S+?)\(\d+,\d+\): error/gm)].map(match => match[1]!))].sort()
  } finally {
    for (const [file, text] of originals) writeFileSync(join(folder, file), text)
  }
}

const operation: Insertion = ['graph/ops.ts', 'export interface OpAttributes {', '\n  stub: Record<never, never>\n']
/** Gradients and guided gradients take the rules as a whole. */
const gradients = ['autodiff/gradients.ts', 'autodiff/guided-rules.ts', 'autodiff/rules.ts']
const everywhere = [...gradients, 'graph/oracle/evaluate.ts', 'graph/shape-rules.ts']

describe('a new operation', () => {
  it('needs a shape, a value, a gradient, a role and a layout', () => {
    const needed = [...everywhere, 'plan/layout.ts', 'plan/operations.ts']
    expect(filesNamed([operation])).toEqual(needed.sort())
  })

  const layout = 'plan/layout.ts'
  it.each([
    ["role: 'inline', value: 'constant'", [layout, 'kernels/rarer-elementwise.ts']],
    ["role: 'inline', value: 'run'", [layout, 'kernels/rarer-elementwise.ts']],
    ["role: 'inline', value: 'passed'", [layout, 'kernels/rarer-elementwise.ts']],
    ["role: 'inline', value: 'computed'", [layout, 'kernels/rarer-elementwise.ts', 'plan/inline.ts']],
    ["role: 'inline', value: 'counted'", [layout, 'kernels/rarer-elementwise.ts', 'plan/axes.ts']],
    ["role: 'inline', value: 'drawn'", [layout, 'kernels/rarer-elementwise.ts', 'plan/axes.ts']],
    ["role: 'view', inOrder: true", [layout, 'plan/views.ts']],
    ["role: 'view', inOrder: false", [layout, 'plan/views.ts']],
    ["role: 'reduction'", [layout, 'plan/fuse-reductions.ts', 'plan/lower-reduce.ts']],
    ["role: 'dedicated'", [layout, 'plan/epilogue.ts', 'plan/lower-dedicated.ts']],
    ["role: 'rewritten'", ['plan/expand.ts']],
    // Only inputs and states, which a step graph lists.
    ["role: 'source'", [layout, 'plan/operations.ts']],
  ])('with { %s } needs rows in %j', (role, tables) => {
    const row: Insertion = ['plan/operations.ts', 'const roles = {', `\n  stub: { ${role} },`]
    expect(filesNamed([operation, row])).toEqual([...everywhere, ...tables].sort())
  })
})

describe('a new kind of', () => {
  it.each<[what: string, insertion: Insertion, tables: string[]]>([
    [
      'kernel',
      ['plan/types.ts', 'export type Spec =', "\n  | { readonly kind: 'stub'; readonly to: Buffer }"],
      ['kernels/emitters.ts', 'plan/kernel-table.ts'],
    ],
    [
      'packed weight',
      ['plan/types.ts', 'export type Packing =', "\n  | { readonly kind: 'stub' }"],
      ['kernels/pack.ts'],
    ],
    [
      'function of one operand',
      ['graph/ops.ts', 'export type UnaryFn =', "\n  | 'stub'"],
      [
        'autodiff/elementwise-rules.ts',
        'graph/oracle/evaluate-elementwise.ts',
        'kernels/rarer-elementwise.ts',
        'plan/inline.ts',
      ],
    ],
    [
      'function of two operands',
      ['graph/ops.ts', 'export type BinaryFn =', " 'stub' |"],
      [
        'autodiff/elementwise-rules.ts',
        'graph/oracle/evaluate-elementwise.ts',
        'kernels/rarer-elementwise.ts',
        'plan/inline.ts',
      ],
    ],
    [
      'reduction',
      ['graph/ops.ts', 'export type ReduceFn =', " 'stub' |"],
      ['autodiff/rules.ts', 'graph/oracle/evaluate-movement.ts', 'kernels/joins.ts'],
    ],
  ])('%s is named in every table without a row', (_, insertion, tables) => {
    expect(filesNamed([insertion])).toEqual(tables)
  })
})

it('plan and kernels look kinds up in tables: no switch over a kind, which may have no answer', () => {
  const files = sourceFiles('packages/fovea/src/plan', 'packages/fovea/src/kernels')
  expect(files.filter(({ code }) => /\bswitch \([^)]*\b(kind|fn|op)\)/.test(code)).map(({ path }) => path)).toEqual([])
})

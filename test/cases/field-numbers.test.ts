/** Programs of users about weights, held-out samples, arrays of other libraries and CSV files, run as they are; their headers say what is right. */
import { execFile } from 'node:child_process'
import { cpSync, mkdirSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { beforeAll, describe, expect, test } from 'vitest'
import { ensureBuilt, temporaryFolder } from '../cli/fovea-process.testing.ts'
import { missing } from './case-files.testing.ts'

const programs = ['numbers/weights-and-splits.mjs', 'numbers/silent-inputs.mjs', 'csv/append.mjs']
const reason = missing(...programs.map(program => join('field', program)))

/** The lines that a program prints; errors are refusals of ours. */
async function printed(program: string): Promise<string[]> {
  const folder = temporaryFolder()
  const from = join(process.env['FOVEA_CASES']!, 'field', program, '..')
  cpSync(from, folder, { recursive: true })
  mkdirSync(join(folder, 'node_modules'))
  symlinkSync(join(import.meta.dirname, '../../packages/fovea'), join(folder, 'node_modules/fovea'), 'dir')
  const { stdout } = await promisify(execFile)(process.execPath, [program.split('/').at(-1)!], { cwd: folder })
  return stdout.trim().split('\n')
}

describe.skipIf(reason !== undefined)(`programs from the field${reason === undefined ? '' : ` (${reason})`}`, () => {
  beforeAll(ensureBuilt, 120_000)

  test('class weights, sample weights and held-out samples give the numbers of Keras', async () => {
    const lines = await printed('numbers/weights-and-splits.mjs')
    expect(lines).toEqual(['T1', 'T1b', 'T2', 'T3b', 'T5'].map(name => `${name} agrees`))
  })

  test('a transposed view and a tensor of another library are read', async () => {
    const lines = await printed('numbers/silent-inputs.mjs')
    expect(lines.filter(line => /view|tensor/.test(line))).toEqual([expect.stringMatching(/got 0,4,8,12$/)])
  })

  test('a CSV file of Keras goes on in its own way', async () => {
    const [line] = await printed('csv/append.mjs')
    const [header, ...rows] = (JSON.parse(line!) as string).split('\r\n')
    expect(header).toBe('epoch,accuracy,loss')
    expect(rows).toHaveLength(4)
    for (const row of rows.slice(0, 3)) expect(row.split(',').map(Number)).not.toContain(Number.NaN)
    expect(rows[3]).toBe('')
  })
})

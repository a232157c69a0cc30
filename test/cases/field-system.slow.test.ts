/** What the system refuses, and files that are not what their names say, as people met them: a sentence each time, never a stack. */
import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, expect, test } from 'vitest'
import { bin, ensureBuilt } from '../cli/fovea-process.testing.ts'

const script = join(process.env['FOVEA_CASES'] ?? '', 'field/system/run.sh')
const isThere = process.env['FOVEA_CASES'] !== undefined && existsSync(script)

beforeAll(ensureBuilt, 120_000)

test.skipIf(!isThere)(
  'the cases of the system (needs FOVEA_CASES)',
  () => {
    const { FOVEA_DATA: _, ...env } = process.env
    const { stdout } = spawnSync('sh', ['-c', `sh "${script}" 'node ${bin}' 2>&1`], { encoding: 'utf8', env })
    const said = new Map(
      stdout.split(/^== /m).map(part => [part.slice(0, part.indexOf('\n')), part.slice(part.indexOf('\n') + 1)]),
    )
    const of = (title: RegExp): string => [...said].find(([name]) => title.test(name))?.[1] ?? ''
    expect(stdout).not.toMatch(/^ {4}at |^node:|InternalError|\ufffd/m)
    expect(of(/too long/)).toMatch(/received: the name is too long[\s\S]*fix: choose a shorter name/)
    expect(of(/limit on file size/)).toMatch(/best\.safetensors cannot be written[\s\S]*fix: raise the limit/)
    expect(of(/CIFAR-10/)).toMatch(/data_batch_1 is not a batch of CIFAR for Python[\s\S]*received: a text file/)
    expect(of(/PowerShell/)).not.toMatch(/received/)
    const models = of(/other formats/).split(/^(?=\S+ is (?:not a model|damaged))/m)
    expect(models).toHaveLength(3)
    expect(models[0]).toMatch(/m\.keras[\s\S]*a zip archive that is cut off[\s\S]*Fetch or save it anew/)
    expect(models[1]).toMatch(/m\.h5 is damaged[\s\S]*an HDF5 file that cannot be opened[\s\S]*another copy/)
    expect(models[2]).toMatch(/lfs\.safetensors[\s\S]*a pointer of Git LFS[\s\S]*git lfs pull/)
  },
  240_000,
)

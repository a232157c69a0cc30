/**
 * Plans of five small models as text, and hashes of the code made from them, as recorded beside this file: a refactoring leaves them
 * as they are. FOVEA_UPDATE_GOLDENS=1 records them anew; read the difference before it is committed.
 */
import { createHash } from 'node:crypto'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { planProgram } from '../../packages/fovea/src/plan/plan.ts'
import { printPlan } from '../../packages/fovea/src/plan/print.ts'
import { wasm128 } from '../../packages/fovea/src/plan/target.ts'
import { control } from '../../packages/fovea/src/targets/wasm/barrier.ts'
import { emitProgram } from '../../packages/fovea/src/targets/wasm/program.ts'
import { networks } from '../wasm/networks.testing.ts'
import { buildStep } from '../wasm/runs.testing.ts'

const names = ['mlp', 'cnn', 'lenet', 'random', 'branches'] as const
const folder = import.meta.dirname
const updating = process.env['FOVEA_UPDATE_GOLDENS'] === '1'

async function textOf(name: (typeof names)[number]): Promise<string> {
  const { entries } = buildStep(networks[name](), { batch: 8, optimizer: name === 'lenet' ? 'rmsprop' : 'adam' })
  const { train, predict } = entries
  const plan = await planProgram(
    { train: train!, predict: predict! },
    { target: wasm128, slots: 2, start: control.end },
  )
  const code = await emitProgram(plan.entries, { pages: 100, shared: true, contract: false })
  const hash = createHash('sha256').update(code).digest('hex')
  const states = [...plan.states.values()].map(
    ({ buffer }) => `  state ${buffer.name}: ${buffer.layout}, ${buffer.size} elements at ${buffer.offset}`,
  )
  return [
    ...plan.entries.map(printPlan),
    'states',
    ...states,
    '',
    `code: ${code.length} bytes, sha256 ${hash}`,
    '',
  ].join('\n')
}

describe('plans and code are as recorded', () => {
  it.each(names)('%s', async name => {
    const file = join(folder, `${name}.plan.txt`)
    const text = await textOf(name)
    if (updating) writeFileSync(file, text)
    expect(existsSync(file), `FOVEA_UPDATE_GOLDENS=1 records ${name}`).toBe(true)
    expect(text).toBe(readFileSync(file, 'utf8'))
  })

  it('the text is the same every time', async () => {
    expect(await textOf('branches')).toBe(await textOf('branches'))
  })
})

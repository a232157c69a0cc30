/** Random programs equal the oracle bit for bit, on any number of threads, whatever shares memory and whenever code is made. */
import { describe, expect, it } from 'vitest'
import { nodesOf } from '../../packages/fovea/src/graph/node.ts'
import { printGraph } from '../../packages/fovea/src/graph/print.ts'
import { verify } from '../../packages/fovea/src/graph/verify.ts'
import { randomProgram } from './programs.testing.ts'
import { exactValues } from './runs.testing.ts'
import { describePrograms } from './suite.testing.ts'

describe('random programs', () => {
  describePrograms(0, 40)
})

describe('the generator', () => {
  const programs = Array.from({ length: 40 }, (_, number) => randomProgram(number))
  const steps = programs.flatMap(({ entries }) => Object.values(entries))

  it('makes sound graphs, the same for the same number', () => {
    for (const step of steps) verify(step)
    const again = programs.flatMap(({ number }) => Object.values(randomProgram(number).entries))
    expect(again.map(printGraph)).toEqual(steps.map(printGraph))
  })

  it('joins, cuts, moves and computes, in entries that share states', () => {
    const kinds = new Set(steps.flatMap(step => nodesOf(step).map(({ kind }) => kind)))
    const structure = [
      'slice',
      'reshape',
      'transpose',
      'concat',
      'pad',
      'broadcast',
      'reduce',
      'select',
      'randomUniform',
    ]
    const heavy = ['matmul', 'conv2d', 'conv2dInputGrad', 'conv2dFilterGrad', 'maxPool2d', 'maxPool2dGrad', 'argmax']
    expect([...kinds]).toEqual(expect.arrayContaining([...structure, ...heavy]))
    const shared = programs.filter(({ entries }) => {
      const names = Object.values(entries).flatMap(({ states }) => states.map(({ attributes }) => attributes.name))
      return new Set(names).size < names.length
    })
    expect(shared.length).toBeGreaterThan(10)
    expect(steps.filter(({ prepared }) => prepared).length).toBeGreaterThan(10)
    expect(steps.filter(({ updates }) => updates.length > 1).length).toBeGreaterThan(25)
  })
  it('keeps to numbers that the oracle can vouch for', () => {
    const runs = programs.flatMap(({ script }) => script)
    const turns = programs.flatMap(program => [
      ...new Set(Object.keys(exactValues(program)).map(key => key.split(', step')[0])),
    ])
    expect(turns.length).toBeGreaterThan(0.9 * runs.length)
  })
})

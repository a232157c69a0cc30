/** Every usual job of the guide does what it says: its program runs as it stands, and prints as true what its comments call true. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { codeBlocks, jobsPage } from './markdown.testing.ts'
import { inNode, programFolder, programsOf } from './markdown-programs.testing.ts'

const programs = programsOf(codeBlocks(jobsPage))
const folder = programFolder(programs)
afterAll(folder.remove)
let faults: string
let outcomeOf: ReturnType<typeof folder.run>
beforeAll(() => {
  folder.prepare()
  faults = folder.compile()
  outcomeOf = folder.run(inNode(programs))
})

test('every job has a program', () => {
  expect(programs.length).toBeGreaterThan(20)
})

test('their types are right', () => {
  expect(faults).toBe('')
})

describe('the jobs', () => {
  test.each(inNode(programs))('$place', program => {
    const { stderr, promised, kept } = outcomeOf(program)
    expect(stderr).toBe('')
    expect(promised).toBeGreaterThan(0)
    expect(kept).toBe(promised)
  })
})

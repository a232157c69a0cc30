/** Every usual job of the guide does what it says: its program runs as it stands, and prints as true what its comments call true. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { codeBlocks, jobsPage } from './markdown.testing.ts'
import { inNode, programFolder, programsOf } from './markdown-programs.testing.ts'

const programs = programsOf(codeBlocks(jobsPage))
const folder = programFolder(programs)
afterAll(folder.remove)
beforeAll(folder.prepare)

test('every job has a program', () => {
  expect(programs.length).toBeGreaterThan(20)
})

test('their types are right', () => {
  expect(folder.compile()).toBe('')
})

describe('the jobs', () => {
  test.each(inNode(programs))('$place', program => {
    const { status, stderr, promised, kept } = folder.run(program)
    expect(stderr).toBe('')
    expect(status).toBe(0)
    expect(promised).toBeGreaterThan(0)
    expect(kept).toBe(promised)
  })
})

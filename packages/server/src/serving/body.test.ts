import { expect, test } from 'vitest'
import { bodyOf, byteBudget } from './body.ts'
import { questionOf } from './over-requests.ts'

const sent = (length: number) =>
  questionOf(new Request('http://here/', { method: 'POST', body: new Uint8Array(length) }))

test('bodies of all requests together are bounded; what was answered makes room', async () => {
  const budget = byteBudget(1000)
  const limits = { most: 800, take: budget.take }
  expect((await bodyOf(sent(600), limits)).length).toBe(600)
  await expect(bodyOf(sent(600), limits)).rejects.toMatchObject({ status: 503, headers: { 'retry-after': '1' } })
  expect((await bodyOf(sent(400), limits)).length).toBe(400)
  budget.give(600)
  expect((await bodyOf(sent(600), limits)).length).toBe(600)
  await expect(bodyOf(sent(900), limits)).rejects.toMatchObject({ status: 413 })
})

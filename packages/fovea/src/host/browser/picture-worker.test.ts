/** What is done where the worker gives no picture; that it gives the pictures of a page is seen in one (test/package/files-dataset). */
import { expect, test } from 'vitest'
import { UserError } from '../../base/errors.ts'
import type { WorkerHandle } from '../../base/host.ts'
import type { Picture } from '../../base/picture.ts'
import { pictureWorker } from './picture-worker.ts'

const picture = (level: number): Picture => ({ width: 1, height: 1, channels: 1, data: Uint8Array.of(level) })
const inPage = async () => picture(7)
const blob = new Blob(['x'])
/** The worker is started and asked meanwhile. */
const turn = () => new Promise(resolve => setTimeout(resolve, 0))

/** A worker whose answers the test gives. */
function worker() {
  const posted: { number: number }[] = []
  let listener: (message: unknown) => void = () => {}
  let failed: (error: Error) => void = () => {}
  let ended = 0
  let started = 0
  const handle: WorkerHandle = {
    post: message => void posted.push(message as { number: number }),
    onMessage: each => {
      listener = each
    },
    onError: each => {
      failed = each
    },
    hold: () => {},
    terminate: async () => void ended++,
  }
  const startWorker = () => {
    started++
    return handle
  }
  return {
    host: { startWorker },
    posted,
    answer: (number: number, given?: Picture) => listener({ number, picture: given }),
    fail: () => failed(new Error('gone')),
    counts: () => [started, ended],
  }
}

test('answers find their questions in any order', async () => {
  const { host, posted, answer, counts } = worker()
  const { openPicture, close } = pictureWorker(host, inPage)
  const both = Promise.all([openPicture(blob, 'a'), openPicture(blob, 'b')])
  await turn()
  expect(posted.map(({ number }) => number)).toEqual([0, 1])
  answer(1, picture(2))
  answer(0, picture(1))
  expect((await both).map(({ data }) => data[0])).toEqual([1, 2])
  await close()
  expect(counts()).toEqual([1, 1])
})

test('what is no picture to the worker is opened in the page, which says why', async () => {
  const { host, answer } = worker()
  const { openPicture } = pictureWorker(host, async (_, name) => {
    throw new UserError({ what: `${name} is damaged` })
  })
  const opening = openPicture(blob, 'a')
  await turn()
  answer(0)
  await expect(opening).rejects.toThrow('a is damaged')
})

test('without a worker, or after its end, pictures are opened in the page', async () => {
  const refusing = pictureWorker(
    {
      startWorker() {
        throw new UserError({ what: 'no workers here' })
      },
    },
    inPage,
  )
  expect((await refusing.openPicture(blob, 'a')).data[0]).toBe(7)
  expect((await refusing.openPicture(blob, 'b')).data[0]).toBe(7)
  await refusing.close()

  const { host, fail, posted } = worker()
  const { openPicture } = pictureWorker(host, inPage)
  const opening = openPicture(blob, 'a')
  await turn()
  fail()
  expect((await opening).data[0]).toBe(7)
  await openPicture(blob, 'b')
  expect(posted).toHaveLength(1)
})

test('pixels are opened in the page', async () => {
  const { host, counts } = worker()
  expect((await pictureWorker(host, inPage).openPicture(picture(1), 'a')).data[0]).toBe(7)
  expect(counts()).toEqual([0, 0])
})

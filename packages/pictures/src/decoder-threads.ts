/** Threads of the decoder. In: work that decodes several pictures at a time. Out: what it gives. */

let decoding = 0
let usualThreads = 0

/** Several pictures at a time, each on one thread, are a third less work than each on all of them. */
export async function onOneThreadEach<Result>(work: () => Promise<Result>): Promise<Result> {
  const { default: sharp } = await import('sharp')
  if (decoding++ === 0) {
    usualThreads = sharp.concurrency()
    sharp.concurrency(1)
  }
  try {
    return await work()
  } finally {
    if (--decoding === 0) sharp.concurrency(usualThreads)
  }
}

/** Threads of the decoder. In: work that decodes several pictures at a time. Out: what it gives. */

/** Each picture is decoded on one thread, so long as the work goes on: a third less work than each on all of them. */
export async function onOneThreadEach<Result>(work: () => Promise<Result>): Promise<Result> {
  const { default: sharp } = await import('sharp')
  const threads = sharp.concurrency()
  sharp.concurrency(1)
  try {
    return await work()
  } finally {
    sharp.concurrency(threads)
  }
}

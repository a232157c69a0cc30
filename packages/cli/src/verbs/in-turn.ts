/** Work on many things at once, whose results come one after the other, in the order of the things. */

/**
 * At most `most` things are under way. What the work throws is thrown when its turn comes. Nothing is left under way when the caller
 * has had enough.
 */
export async function* inTurn<Thing, Result>(
  things: Iterable<Thing>,
  most: number,
  work: (thing: Thing) => Promise<Result>,
): AsyncGenerator<Result, void, undefined> {
  const underWay: Promise<PromiseSettledResult<Result>>[] = []
  const next = async (): Promise<Result> => {
    const settled = await underWay.shift()!
    if (settled.status === 'rejected') throw settled.reason
    return settled.value
  }
  try {
    for (const thing of things) {
      underWay.push(Promise.allSettled([work(thing)]).then(([settled]) => settled))
      if (underWay.length >= most) yield next()
    }
    while (underWay.length > 0) yield next()
  } finally {
    await Promise.all(underWay)
  }
}

/** Lets at most `most` calls work at once; the others wait, the first one longest. */
export function limited(most: number): <Result>(work: () => Promise<Result>) => Promise<Result> {
  const waiting: (() => void)[] = []
  let working = 0
  return async work => {
    if (working === most) await new Promise<void>(resolve => waiting.push(resolve))
    else working++
    try {
      return await work()
    } finally {
      // The place goes to the next one.
      const next = waiting.shift()
      if (next) next()
      else working--
    }
  }
}

/**
 * Who is let in. Requests wait in the order of their arrival while others are computed; as many as make a batch are let in together, and the
 * model computes them together. What waits is bounded in pictures, and none waits longer than the deadline.
 */
import { type Admission, Refusal } from './contract.ts'

export interface AdmissionOptions {
  /** Pictures that are let in together: 32 by default. A request with more is let in alone. */
  readonly batch?: number | undefined
  /** Groups of them at a time: 2 by default, so that pictures of one are decoded while the other is computed. */
  readonly groups?: number | undefined
  /** Pictures that may wait: 512 by default. */
  readonly queue?: number | undefined
  /** Seconds from a request's arrival to the end of its computing: 30 by default. */
  readonly timeout?: number | undefined
  /** Milliseconds that the first picture waits for others when nothing is computed: 0 by default. */
  readonly delay?: number | undefined
  /** Is told how many pictures were let in together. */
  readonly onBatch?: ((pictures: number) => void) | undefined
  /** Milliseconds since some moment. */
  readonly now?: (() => number) | undefined
}

export interface BoundedAdmission extends Admission {
  /** Pictures that wait. */
  readonly waiting: number
  /** Requests that wait or are computed. */
  readonly open: number
  /** Lets nobody in any more; resolves when all who were let in, or wait, have been answered. */
  close(): Promise<void>
}

interface Waiting {
  readonly pictures: number
  readonly start: (group: Group) => void
}

/** Requests that were let in together. */
interface Group {
  /** Those that are still computed. */
  left: number
  readonly pictures: number
  readonly started: number
}

export function boundedAdmission(options: AdmissionOptions = {}): BoundedAdmission {
  const { batch = 32, groups = 2, queue = 512, timeout = 30, delay = 0, onBatch } = options
  const now = options.now ?? (() => performance.now())
  let line: Waiting[] = []
  let waiting = 0
  let groupsIn = 0
  let open = 0
  let closed: (() => void) | undefined
  let isClosed = false
  let company: ReturnType<typeof setTimeout> | undefined
  /** Milliseconds that a picture took of late: what a client is told to wait is made of it. */
  let pace = 10

  function next(): void {
    while (groupsIn < groups && line.length > 0) letIn()
  }

  /** As many as a batch takes, at least the first. */
  function letIn(): void {
    let pictures = 0
    const together: Waiting[] = []
    while (line.length > 0 && (together.length === 0 || pictures + line[0]!.pictures <= batch)) {
      const first = line.shift()!
      together.push(first)
      pictures += first.pictures
    }
    waiting -= pictures
    groupsIn++
    onBatch?.(pictures)
    const group = { left: together.length, pictures, started: now() }
    for (const { start } of together) start(group)
  }

  function begin(): void {
    if (delay === 0 || waiting >= batch) {
      clearTimeout(company)
      company = undefined
      // Those of the same moment come together.
      queueMicrotask(next)
    } else if (groupsIn === 0) {
      company ??= setTimeout(() => {
        company = undefined
        next()
      }, delay)
    }
  }

  function ended(group: Group): void {
    group.left--
    if (group.left > 0) return
    groupsIn--
    pace += 0.2 * ((now() - group.started) / group.pictures - pace)
    next()
  }

  const retryAfter = (): Record<string, string> => ({
    'retry-after': String(Math.max(1, Math.ceil((waiting * pace) / 1000))),
  })

  async function inTurn<T>(
    pictures: number,
    signal: AbortSignal,
    work: (signal: AbortSignal) => Promise<T>,
  ): Promise<T> {
    const deadline = new AbortController()
    const timer = setTimeout(() => deadline.abort(), timeout * 1000)
    const either = AbortSignal.any([signal, deadline.signal])
    try {
      const group = await turnOf(pictures, signal, either)
      return await started(group, work, either, deadline.signal)
    } finally {
      clearTimeout(timer)
    }
  }

  /** Resolves when the work may begin. */
  async function turnOf(pictures: number, signal: AbortSignal, either: AbortSignal): Promise<Group> {
    if (signal.aborted) throw clientGone()
    return new Promise<Group>((resolve, reject) => {
      const place: Waiting = {
        pictures,
        start: group => {
          either.removeEventListener('abort', leave)
          resolve(group)
        },
      }
      // Nobody computes what nobody waits for.
      const leave = (): void => {
        line = line.filter(each => each !== place)
        waiting -= pictures
        reject(signal.aborted ? clientGone() : tooLate(timeout))
      }
      either.addEventListener('abort', leave, { once: true })
      line.push(place)
      waiting += pictures
      begin()
    })
  }

  /** Its place is free when it has ended, not at its deadline: what is still computed would pile up behind the bound. */
  function started<T>(
    group: Group,
    work: (signal: AbortSignal) => Promise<T>,
    either: AbortSignal,
    deadline: AbortSignal,
  ): Promise<T> {
    const working = work(either)
    const leave = (): void => ended(group)
    working.then(leave, leave)
    return Promise.race([working, rejected(deadline, () => tooLate(timeout))])
  }

  return {
    get waiting() {
      return waiting
    },
    get open() {
      return open
    },
    async admit(pictures, signal, work) {
      if (isClosed) throw new Refusal(503, 'The server is ending.', { 'retry-after': '1', connection: 'close' })
      // A batch that begins at once does not wait.
      const room = queue + (groups - groupsIn) * batch
      if (waiting > 0 && waiting + pictures > room)
        throw new Refusal(429, `Too many wait already: ${waiting} pictures, and ${queue} may.`, retryAfter())
      open++
      try {
        return await inTurn(pictures, signal, work)
      } finally {
        open--
        if (open === 0) closed?.()
      }
    },
    close: () => {
      isClosed = true
      return open === 0 ? Promise.resolve() : new Promise(resolve => (closed = resolve))
    },
  }
}

const clientGone = (): Refusal => new Refusal(499, 'The client has gone.')

const tooLate = (timeout: number): Refusal => new Refusal(504, `There was no answer within ${timeout} seconds.`)

function rejected(signal: AbortSignal, reason: () => Error): Promise<never> {
  return new Promise((_, reject) => signal.addEventListener('abort', () => reject(reason()), { once: true }))
}

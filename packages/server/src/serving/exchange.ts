/** One request on its way: what the protocols read it with, and how they ask a model. */
import { type ByteBudget, bodyOf } from './body.ts'
import {
  type Admission,
  type Catalogue,
  type Lease,
  type Question,
  Refusal,
  type Servable,
  type Wanted,
  type Watch,
} from './contract.ts'

export interface Exchange {
  readonly question: Question
  readonly query: URLSearchParams
  readonly catalogue: Catalogue
  read(): Promise<Uint8Array<ArrayBuffer>>
  /** The model stays until the request is answered. Throws Refusal. */
  lease(name: string, wanted?: Wanted): Lease
  /** Has so many rows of numbers computed when it is their turn. Throws Refusal. */
  compute<T>(lease: Lease, rows: number, work: Work<T>): Promise<T>
  /** Pictures are made to fit: the body does not bound what becomes of them, so their count does. Throws Refusal. */
  computePictures<T>(lease: Lease, pictures: number, work: Work<T>): Promise<T>
  /** Gives back what was leased and taken: now, or when what is still computed past its deadline has ended. */
  end(): void
}

type Work<T> = (servable: Servable, signal: AbortSignal) => Promise<T>

/** Of one request; 77 MB as inputs of 224 × 224. */
export const mostPictures = 512

export interface ExchangeParts {
  readonly question: Question
  readonly catalogue: Catalogue
  readonly admission: Admission
  readonly watch: Watch
  readonly mostBytes: number
  readonly budget: ByteBudget
}

export function openExchange({ question, catalogue, admission, watch, mostBytes, budget }: ExchangeParts): Exchange {
  const leases: Lease[] = []
  let taken = 0
  let computing = 0
  let isOver = false
  function giveBack(): void {
    for (const lease of leases) lease.release()
    budget.give(taken)
  }
  const take = (bytes: number): boolean => {
    const isTaken = budget.take(bytes)
    if (isTaken) taken += bytes
    return isTaken
  }
  const timed = async <T>(stage: 'read' | 'compute', work: () => Promise<T>): Promise<T> => {
    const started = performance.now()
    try {
      return await work()
    } finally {
      watch.stage(stage, performance.now() - started)
    }
  }
  async function compute<T>({ name, version, servable }: Lease, rows: number, work: Work<T>): Promise<T> {
    const came = performance.now()
    watch.asked(name, version, rows)
    return admission.admit(rows, question.signal, signal => {
      watch.stage('queue', performance.now() - came)
      computing++
      return timed('compute', () => work(servable, signal)).finally(() => {
        computing--
        if (isOver && computing === 0) giveBack()
      })
    })
  }
  return {
    question,
    query: question.url.searchParams,
    catalogue,
    read: () => timed('read', () => bodyOf(question, { most: mostBytes, take })),
    lease(name, wanted) {
      const lease = catalogue.lease(name, wanted)
      leases.push(lease)
      return lease
    },
    compute,
    async computePictures(lease, pictures, work) {
      if (pictures > mostPictures)
        throw new Refusal(
          413,
          `The request has ${pictures} pictures, and may have ${mostPictures}: send them in several.`,
        )
      return compute(lease, pictures, work)
    },
    end() {
      isOver = true
      if (computing === 0) giveBack()
    },
  }
}

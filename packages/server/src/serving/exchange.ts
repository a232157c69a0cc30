/** One request on its way: what the protocols read it with, and how they ask a model. */
import { bodyOf } from './body.ts'
import type { Admission, Catalogue, Lease, Servable, Wanted, Watch } from './contract.ts'

export interface Exchange {
  readonly request: Request
  readonly query: URLSearchParams
  readonly catalogue: Catalogue
  read(): Promise<Uint8Array<ArrayBuffer>>
  /** The model stays until the request is answered. Throws Refusal. */
  lease(name: string, wanted?: Wanted): Lease
  /** Has so many pictures computed when it is their turn. Throws Refusal. */
  compute<T>(lease: Lease, pictures: number, work: (servable: Servable, signal: AbortSignal) => Promise<T>): Promise<T>
  /** Releases what was leased. */
  end(): void
}

export interface ExchangeParts {
  readonly request: Request
  readonly url: URL
  readonly catalogue: Catalogue
  readonly admission: Admission
  readonly watch: Watch
  readonly mostBytes: number
}

export function openExchange({ request, url, catalogue, admission, watch, mostBytes }: ExchangeParts): Exchange {
  const leases: Lease[] = []
  const timed = async <T>(stage: 'read' | 'compute', work: () => Promise<T>): Promise<T> => {
    const started = performance.now()
    try {
      return await work()
    } finally {
      watch.stage(stage, performance.now() - started)
    }
  }
  return {
    request,
    query: url.searchParams,
    catalogue,
    read: () => timed('read', () => bodyOf(request, mostBytes)),
    lease(name, wanted) {
      const lease = catalogue.lease(name, wanted)
      leases.push(lease)
      return lease
    },
    async compute({ name, version, servable }, pictures, work) {
      const came = performance.now()
      watch.asked(name, version, pictures)
      return admission.admit(pictures, request.signal, signal => {
        watch.stage('queue', performance.now() - came)
        return timed('compute', () => work(servable, signal))
      })
    },
    end() {
      for (const lease of leases) lease.release()
    },
  }
}

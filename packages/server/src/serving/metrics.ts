/**
 * What happens, counted, as Prometheus reads it (text format 0.0.4). Names and units follow its conventions: seconds, bytes, `_total` for what
 * only grows.
 */
import type { Protocol, Stage, Watch } from './contract.ts'

const secondBounds = [0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10]
const pictureBounds = [1, 2, 4, 8, 16, 32, 64, 128, 256]

/** Of the rate of requests. */
const recentSeconds = 10

type Labels = Readonly<Record<string, string>>

/** A value that is asked when the text is made. */
export interface Gauge {
  readonly name: string
  readonly help: string
  values(): readonly { readonly labels?: Labels; readonly value: number }[]
}

export interface Metrics extends Watch {
  batch(pictures: number): void
  /** Requests a second in the last ten seconds, and the seconds within which half and 99 % of the last thousand were answered. */
  figures(): { readonly perSecond: number; readonly median: number; readonly p99: number; readonly requests: number }
  text(gauges: readonly Gauge[]): string
}

export function createMetrics(now: () => number = () => performance.now()): Metrics {
  const requests = counter('fovea_requests_total', 'Requests that were answered, by protocol and status.')
  const pictures = counter('fovea_pictures_total', 'Pictures that were asked about, by model and version.')
  const request = histogram('fovea_request_seconds', 'From a request to its answer, by protocol.', secondBounds)
  const stage = histogram('fovea_stage_seconds', 'Where the time of requests goes.', secondBounds)
  const batch = histogram('fovea_batch_pictures', 'Pictures that were computed together.', pictureBounds)
  /** What the last requests took. */
  const last: number[] = []
  /** How many requests ended in each of the last seconds. */
  const ended = new Map<number, number>()
  const second = (): number => Math.floor(now() / 1000)
  return {
    stage: (name: Stage, took) => stage.add({ stage: name }, took / 1000),
    asked: (model, version, count) => pictures.add({ model, version }, count),
    answered(protocol: Protocol, status, took) {
      requests.add({ protocol, status: String(status) }, 1)
      request.add({ protocol }, took / 1000)
      last.push(took)
      if (last.length > 1000) last.shift()
      ended.set(second(), (ended.get(second()) ?? 0) + 1)
      for (const each of ended.keys()) if (each <= second() - recentSeconds) ended.delete(each)
    },
    batch: size => batch.add({}, size),
    figures() {
      const times = last.map(took => took / 1000).sort((a, b) => a - b)
      const at = (share: number): number => times[Math.floor(share * (times.length - 1))] ?? 0
      const recent = [...ended].filter(([when]) => when > second() - recentSeconds)
      const perSecond = recent.reduce((sum, [, count]) => sum + count, 0) / recentSeconds
      return { perSecond, median: at(0.5), p99: at(0.99), requests: requests.sum() }
    },
    text: gauges =>
      [requests, pictures, request, stage, batch].map(each => each.text()).join('') + gauges.map(gaugeText).join(''),
  }
}

interface Series {
  add(labels: Labels, value: number): void
  text(): string
}

function counter(name: string, help: string): Series & { sum(): number } {
  const values = new Map<string, number>()
  return {
    add(labels, value) {
      const key = labelText(labels)
      values.set(key, (values.get(key) ?? 0) + value)
    },
    sum: () => [...values.values()].reduce((sum, value) => sum + value, 0),
    text: () =>
      head(name, help, 'counter') + [...values].map(([labels, value]) => `${name}${labels} ${value}\n`).join(''),
  }
}

interface Distribution {
  readonly labels: Labels
  readonly counts: number[]
  sum: number
  count: number
}

function histogram(name: string, help: string, bounds: readonly number[]): Series {
  const all = new Map<string, Distribution>()
  return {
    add(labels, value) {
      const key = labelText(labels)
      const found = all.get(key) ?? { labels, counts: bounds.map(() => 0), sum: 0, count: 0 }
      all.set(key, found)
      found.sum += value
      found.count++
      // Buckets hold what is at most their bound, so those of larger bounds hold it too.
      for (const [index, bound] of bounds.entries()) if (value <= bound) found.counts[index]!++
    },
    text() {
      const lines = [...all.values()].flatMap(({ labels, counts, sum, count }) => [
        ...bounds.map(
          (bound, index) => `${name}_bucket${labelText({ ...labels, le: String(bound) })} ${counts[index]}\n`,
        ),
        `${name}_bucket${labelText({ ...labels, le: '+Inf' })} ${count}\n`,
        `${name}_sum${labelText(labels)} ${sum}\n`,
        `${name}_count${labelText(labels)} ${count}\n`,
      ])
      return head(name, help, 'histogram') + lines.join('')
    },
  }
}

const gaugeText = ({ name, help, values }: Gauge): string =>
  head(name, help, 'gauge') +
  values()
    .map(({ labels = {}, value }) => `${name}${labelText(labels)} ${value}\n`)
    .join('')

const head = (name: string, help: string, type: string): string => `# HELP ${name} ${help}\n# TYPE ${name} ${type}\n`

function labelText(labels: Labels): string {
  const written = Object.entries(labels).map(([name, value]) => `${name}="${escaped(value)}"`)
  return written.length === 0 ? '' : `{${written.join(',')}}`
}

const escaped = (value: string): string => value.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n')

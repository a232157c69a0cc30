/** What Prometheus reads: every line of the text format 0.0.4, and what the numbers have to keep among each other. */
import { expect, test } from 'vitest'
import { createMetrics } from './metrics.ts'

interface Sample {
  readonly name: string
  readonly labels: Readonly<Record<string, string>>
  readonly value: number
}

const unescaped = (text: string): string => text.replace(/\\(.)/g, (_, sign: string) => (sign === 'n' ? '\n' : sign))

/** Of a text in format 0.0.4, by the family they belong to. Throws for anything that is none. */
function parsed(text: string): Map<string, { type: string; samples: Sample[] }> {
  if (!text.endsWith('\n')) throw new Error('the last line has no end')
  const families = new Map<string, { type: string; samples: Sample[] }>()
  let family = ''
  for (const line of text.slice(0, -1).split('\n')) {
    const help = /^# HELP ([a-zA-Z_:][a-zA-Z0-9_:]*) \S/.exec(line)
    const type = /^# TYPE ([a-zA-Z_:][a-zA-Z0-9_:]*) (counter|gauge|histogram)$/.exec(line)
    if (help) {
      family = help[1]!
      if (families.has(family)) throw new Error(`${family} comes twice`)
    } else if (type && type[1] === family) families.set(family, { type: type[2]!, samples: [] })
    else families.get(family)!.samples.push(sampleIn(line, family))
  }
  return families
}

function sampleIn(line: string, family: string): Sample {
  const label = String.raw`[a-zA-Z_]\w*="(?:[^"\\\n]|\\[\\"n])*"`
  const match = new RegExp(String.raw`^([a-zA-Z_:][\w:]*)(?:\{(${label}(?:,${label})*)\})? (\S+)$`).exec(line)
  if (match === null || !match[1]!.startsWith(family)) throw new Error(`no sample of ${family}: ${line}`)
  const [, name, labels = '', value] = match
  const pairs = [...labels.matchAll(/(\w+)="((?:[^"\\]|\\.)*)"/g)].map(([, key, text]) => [key, unescaped(text!)])
  if (!Number.isFinite(Number(value))) throw new Error(`no number: ${line}`)
  return { name: name!, labels: Object.fromEntries(pairs), value: Number(value) }
}

test('the text is read back: counters, histograms that grow, gauges, labels of any signs', () => {
  const metrics = createMetrics(() => 0)
  const odd = 'a "b" \\ c\nd, e="f"'
  metrics.asked(odd, '3', 2)
  metrics.asked(odd, '3', 5)
  for (const [status, took] of [
    [200, 3],
    [200, 30],
    [429, 0.2],
    [504, 60_000],
  ] as const)
    metrics.answered('plain', status, took)
  metrics.stage('queue', 12)
  for (const size of [1, 2, 300]) metrics.batch(size)
  const families = parsed(
    metrics.text([{ name: 'fovea_queue_pictures', help: 'Waiting.', values: () => [{ value: 7 }] }]),
  )
  expect([...families].map(([name, { type }]) => `${name} ${type}`)).toEqual([
    'fovea_requests_total counter',
    'fovea_pictures_total counter',
    'fovea_request_seconds histogram',
    'fovea_stage_seconds histogram',
    'fovea_batch_pictures histogram',
    'fovea_queue_pictures gauge',
  ])
  expect(families.get('fovea_pictures_total')!.samples).toEqual([
    { name: 'fovea_pictures_total', labels: { model: odd, version: '3' }, value: 7 },
  ])
  expect(families.get('fovea_requests_total')!.samples.map(({ labels, value }) => [labels['status'], value])).toEqual([
    ['200', 2],
    ['429', 1],
    ['504', 1],
  ])
  for (const [family, total] of [
    ['fovea_request_seconds', 4],
    ['fovea_batch_pictures', 3],
  ] as const) {
    const { samples } = families.get(family)!
    const buckets = samples.filter(({ name }) => name.endsWith('_bucket'))
    const counts = buckets.map(({ value }) => value)
    expect(counts).toEqual(counts.toSorted((a, b) => a - b))
    expect([buckets.at(-1)!.labels['le'], counts.at(-1)]).toEqual(['+Inf', total])
    expect(samples.find(({ name }) => name.endsWith('_count'))!.value).toBe(total)
  }
  // What is larger than every bound is in the last bucket alone.
  const sizes = families.get('fovea_batch_pictures')!.samples
  expect(sizes.find(({ labels }) => labels['le'] === '256')!.value).toBe(2)
  expect(sizes.find(({ name }) => name.endsWith('_sum'))!.value).toBe(303)
})

test('figures: of the last ten seconds, and of the last thousand requests', () => {
  let now = 0
  const metrics = createMetrics(() => now)
  for (let index = 0; index < 1500; index++) {
    now = index * 2
    metrics.answered('plain', 200, index)
  }
  expect(metrics.figures()).toMatchObject({ requests: 1500, perSecond: 150 })
  expect(metrics.figures().median).toBeCloseTo(1, 2)
  expect(metrics.figures().p99).toBeCloseTo(1.489, 2)
  now += 60_000
  expect(metrics.figures().perSecond).toBe(0)
})

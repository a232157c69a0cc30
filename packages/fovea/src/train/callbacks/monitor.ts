/**
 * The watched value of a callback: which direction is better, and whether the name exists. Both as in Keras, but that an unknown
 * name is an error before training, not a warning after the first epoch.
 */
import { nearest, UserError } from '../../base/errors.ts'
import { custom, oneOf, optional, text, union, whole } from '../../base/schema.ts'
import { directionOf, sameMetric } from '../../objectives/metrics.ts'
import type { ReportedValue } from '../../objectives/output-objectives.ts'
import type { Training } from './callback.ts'

export type MonitorMode = 'auto' | 'min' | 'max'

export interface Monitor {
  readonly name: string
  /** By the name until training begins, then by the metric that is watched. */
  readonly direction: 'min' | 'max'
  /** The value that everything is better than. */
  readonly worst: number
  /** Called when training begins: what is watched says itself which values are better, whatever it is called. */
  follow(training: Pick<Training, 'directions'>): void
  /** Whether `value` beats `best` by more than `minDelta`. NaN beats nothing. */
  better(value: number, best: number, minDelta?: number): boolean
}

/** `valLoss` and `val_loss` are the same log. */
export function monitorName(name: string): string {
  return name.replace(/^val([A-Z])/, (_, letter: string) => `val_${letter.toLowerCase()}`)
}

/** The options of every callback that watches a value. */
export const monitorFields = {
  monitor: optional(text, 'val_loss'),
  mode: optional(oneOf(['auto', 'min', 'max']), 'auto'),
}

/** How much a callback says; Keras takes true and false too. */
export const verbosity = union(
  whole(0, 2),
  custom('true or false', value => (typeof value === 'boolean' ? Number(value) : undefined)),
)

export function monitor(name: string, mode: MonitorMode = 'auto'): Monitor {
  let direction = mode === 'auto' ? naturalDirection(name) : mode
  return {
    name,
    get direction() {
      return direction
    },
    get worst() {
      return direction === 'min' ? Number.POSITIVE_INFINITY : Number.NEGATIVE_INFINITY
    },
    follow({ directions = {} }) {
      const log = logNamed(name, Object.keys(directions))
      if (mode === 'auto' && log !== undefined) direction = directions[log]!
    },
    better: (value, best, minDelta = 0) => (direction === 'min' ? value + minDelta < best : value - minDelta > best),
  }
}

const largerIsBetter = /accuracy|(^|_)acc$|(^|_)topk$|auc$|precision|recall|f1|similarity/i

function naturalDirection(name: string): 'min' | 'max' {
  return largerIsBetter.test(name) ? 'max' : 'min'
}

/**
 * The log that a name means: itself, else the one that says the same in another word or spelling. `val_acc`, `valAccuracy` and
 * `val_accuracy` are one, whichever of them `compile` was given.
 */
export function logNamed(name: string, logs: readonly string[]): string | undefined {
  const wanted = monitorName(name)
  if (logs.includes(name)) return name
  return logs.includes(wanted) ? wanted : logs.find(log => sameLog(wanted, log))
}

function sameLog(one: string, other: string): boolean {
  const letters = (name: string): string => name.replace(/_/g, '').toLowerCase()
  if (letters(one) === letters(other)) return true
  const others = readings(other)
  return readings(one).some(([before, metric]) =>
    others.some(([also, same]) => letters(before) === letters(also) && sameMetric(metric, same)),
  )
}

/** What may stand before the metric's name (`val_`, an output's name), and the name: every cut at an underscore. */
function readings(name: string): (readonly [before: string, metric: string])[] {
  const parts = name.split('_')
  return parts.map((_, cut) => [parts.slice(0, cut).join('_'), parts.slice(cut).join('_')] as const)
}

/** The value of a monitored log. The name was checked, so it is there. */
export function monitored(logs: { readonly [name: string]: number }, name: string): number {
  const found = logNamed(name, Object.keys(logs))
  return found === undefined ? Number.NaN : logs[found]!
}

/** The logs there are at the end of an epoch. */
export function epochLogs(logNames: readonly string[], validates: boolean): string[] {
  return [...logNames, ...(validates ? logNames.map(name => `val_${name}`) : [])]
}

/** Which values of each log are better, as far as the metrics say. */
export function epochDirections(reports: readonly ReportedValue[]): Record<string, 'min' | 'max'> {
  const own = reports.flatMap(({ logs, metric }) => {
    const direction = metric && directionOf(metric)
    return direction === undefined ? [] : logs.map(log => [log, direction] as const)
  })
  return Object.fromEntries(own.flatMap(([log, direction]) => [log, `val_${log}`].map(name => [name, direction])))
}

/** Throws UserError when one of the callbacks watches a log that training will not give. */
export function checkMonitors(
  callbacks: readonly { readonly name?: string | undefined; readonly monitor?: string | undefined }[],
  valid: readonly string[],
): void {
  for (const { name, monitor } of callbacks) if (monitor) checkMonitor(name ?? 'A callback', monitor, valid)
}

/** Throws UserError when a callback watches a log that training will not give; lists those it will. */
export function checkMonitor(who: string, name: string, valid: readonly string[]): void {
  if (logNamed(name, valid) !== undefined) return
  const close = nearest(name, valid)
  const noValidation = name.startsWith('val_') && !valid.some(other => other.startsWith('val_'))
  throw new UserError({
    what: `${who} watches "${name}", which training does not give`,
    expected: valid.join(', '),
    received: name,
    fix: noValidation
      ? 'give validation data (validationData or validationSplit), or watch a training value'
      : close
        ? `did you mean "${close}"?`
        : 'watch one of the expected names, or add the metric in compile',
  })
}

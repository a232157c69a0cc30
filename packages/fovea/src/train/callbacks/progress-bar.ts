/**
 * What the user sees of training, in Keras's look: a bar that is drawn again while an epoch runs, one line when it is done.
 * Where the output is no terminal, and with `verbose: 2`, one plain line per epoch.
 *
 *     Epoch 1/10
 *     938/938 ━━━━━━━━━━━━━━━━━━━━ 4s 5ms/step - accuracy: 0.9512 - loss: 0.1550 - val_accuracy: 0.9810 - val_loss: 0.0602
 */

import { checkArguments, shaped } from '../../base/arguments.ts'
import type { TextOutput } from '../../base/host.ts'
import { boolean, optional, parse, record, that } from '../../base/schema.ts'
import { mainLogs } from '../../objectives/metrics.ts'
import type { Logs, TrainEvent, TrainListener } from '../events.ts'

export interface ProgressBarOptions {
  /** 0: nothing, 1 (default): the bar on a terminal, 2: one line per epoch. */
  readonly verbose?: 0 | 1 | 2 | undefined
  /** Milliseconds since some moment. */
  readonly now: () => number
  /** Shows the learning rate at the end of every epoch; by default only once it has changed. */
  readonly showLearningRate?: boolean | undefined
}

const barWidth = 20
/** Milliseconds between two drawings. */
const drawEvery = 50
const green = '\x1b[32m'
const grey = '\x1b[37m'
const bold = '\x1b[1m'
const plain = '\x1b[0m'

const fields = {
  verbose: optional(
    that<0 | 1 | 2>('0, 1 or 2', value => value === 0 || value === 1 || value === 2),
    1,
  ),
  now: that<() => number>('a function that gives milliseconds', value => typeof value === 'function'),
  showLearningRate: optional(boolean),
}

/** The bar that `fit` shows, as a listener of events, for an output of your own. */
export function progressBar(output: TextOutput, options: ProgressBarOptions): TrainListener {
  checkArguments('progressBar', { output: shaped<TextOutput>('something with write(text)', 'write') }, { output })
  const { verbose, now } = parse(record(fields), options, 'progressBar')
  const draws = verbose === 1 && output.isTerminal
  let showsRate = options.showLearningRate ?? false
  let firstRate: number | undefined
  let epochBegin = 0
  let lastDrawn = Number.NEGATIVE_INFINITY
  let batches = 0
  let first = 0
  /** Characters of the line being drawn; what is left of a longer one is overwritten. */
  let drawn = 0

  const draw = (line: string, visible: number): void => {
    output.write(`\r${line}${' '.repeat(Math.max(0, drawn - visible))}`)
    drawn = visible
  }

  const listener = (event: TrainEvent): void => {
    switch (event.type) {
      case 'train-begin':
        batches = event.batches
        firstRate = event.learningRate
        break
      case 'epoch-begin':
        epochBegin = now()
        lastDrawn = Number.NEGATIVE_INFINITY
        first = 0
        drawn = 0
        if (event.learningRate !== firstRate) showsRate = true
        if (draws) output.write(`Epoch ${event.epoch}/${event.epochs}\n`)
        break
      case 'batch-end': {
        if (!draws) break
        if (first === 0) first = event.batch
        const time = now()
        if (time - lastDrawn < drawEvery && event.batch < batches) break
        lastDrawn = time
        // A resumed epoch begins in its middle: only what was done since is timed.
        const perStep = (time - epochBegin) / 1000 / (event.batch - first + 1)
        const left = clockTime(perStep * (batches - event.batch))
        const { line, visible } = barLine(event.batch, batches, `${bold}${left}${plain}`, left.length, output.columns)
        const rest = ` ${stepTime(perStep)}${values(event.logs)}`
        const fitted = rest.slice(0, Math.max(0, output.columns - 1 - visible))
        draw(line + fitted, visible + fitted.length)
        break
      }
      case 'epoch-end': {
        if (event.learningRate !== firstRate) showsRate = true
        const logs = showsRate ? { ...event.logs, learning_rate: event.learningRate } : event.logs
        const rest = `${clockTime(event.seconds)} ${stepTime(event.msPerStep / 1000)}`
        if (draws) {
          const { line, visible } = barLine(batches, batches, '', 0, output.columns)
          const text = `${rest}${values(logs)}`
          draw(line + text, visible + text.length)
          output.write('\n')
          drawn = 0
        } else {
          output.write(`Epoch ${event.epoch}/${event.epochs} - ${rest.replace(' ', ' - ')}${values(logs)}\n`)
        }
        break
      }
      case 'message':
      case 'train-end':
        if (drawn > 0) output.write('\n')
        drawn = 0
        if (event.type === 'message')
          output.write(`${event.level === 'warning' ? warningLine(event.text) : event.text}\n`)
        break
    }
  }
  return verbose === 0 ? () => {} : listener
}

/** How a warning is printed. */
export const warningLine = (text: string): string => `Warning: ${text}`

/** `938/938 ━━━━━━━━━━━━━━━━━━━━ ` and what follows, with the number of characters that show. */
function barLine(
  batch: number,
  batches: number,
  after: string,
  afterLength: number,
  columns: number,
): { line: string; visible: number } {
  const count = `${String(batch).padStart(String(batches).length)}/${batches}`
  const others = count.length + 2 + afterLength
  // A line that breaks cannot be drawn again: narrow terminals get a shorter bar.
  const width = Math.max(1, Math.min(barWidth, columns - 1 - others))
  const done = Math.floor((width * batch) / batches)
  const bar = `${green}${'━'.repeat(done)}${plain}${grey}${'━'.repeat(width - done)}${plain}`
  return { line: `${bold}${count}${plain} ${bar} ${after}`, visible: others + width }
}

/** ` - accuracy: 0.9512 - loss: 0.1550`, by name; training values before validation values, the learning rate last. Of lists their mean, as in Keras. */
function values(logs: Logs): string {
  const rank = (name: string): number => (name === 'learning_rate' ? 2 : name.startsWith('val_') ? 1 : 0)
  return mainLogs(Object.keys(logs))
    .sort((a, b) => rank(a) - rank(b) || (a < b ? -1 : 1))
    .map(name => ` - ${name}: ${metricValue(logs[name]!)}`)
    .join('')
}

/** Four digits after the point; small and huge values in powers of ten. */
export function metricValue(value: number): string {
  const size = Math.abs(value)
  return size !== 0 && (size <= 1e-3 || (size >= 1e9 && Number.isFinite(size))) ? exponential(value) : value.toFixed(4)
}

/** `5.0000e-04`, as Python writes it. */
function exponential(value: number): string {
  return value.toExponential(4).replace(/e([+-])(\d)$/, 'e$10$2')
}

/** `4s`, `1:05`, `1:02:03`. */
export function clockTime(seconds: number): string {
  const whole = Math.round(seconds)
  if (whole < 60) return `${whole}s`
  const two = (part: number): string => String(part).padStart(2, '0')
  const minutes = Math.floor(whole / 60)
  return minutes < 60
    ? `${minutes}:${two(whole % 60)}`
    : `${Math.floor(minutes / 60)}:${two(minutes % 60)}:${two(whole % 60)}`
}

/** `5ms/step`, with the unit that suits. */
export function stepTime(seconds: number): string {
  if (seconds >= 1 || seconds === 0) return `${Math.round(seconds)}s/step`
  return seconds >= 1e-3 ? `${Math.round(seconds * 1e3)}ms/step` : `${Math.round(seconds * 1e6)}us/step`
}

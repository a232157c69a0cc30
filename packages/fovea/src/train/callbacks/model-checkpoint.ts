/** Saves the model after epochs, by default only when the watched value is the best so far. Keras's ModelCheckpoint and messages. */
import { UserError } from '../../base/errors.ts'
import { numberToJson } from '../../base/json.ts'
import { anyNumber, boolean, number, optional, orNull, parse, record, text } from '../../base/schema.ts'
import { writerFor } from '../../store/model-writers.ts'
import type { Logs } from '../events.ts'
import type { Callback } from './callback.ts'
import { logNamed, type MonitorMode, monitor, monitored, monitorFields, monitorName, verbosity } from './monitor.ts'

export interface ModelCheckpointOptions {
  /** May hold `{epoch:02d}` (from 1) and logs like `{val_loss:.2f}`. A safetensors file with the model's configuration. */
  readonly filepath: string
  /** `val_loss` by default. */
  readonly monitor?: string | undefined
  readonly mode?: MonitorMode | undefined
  /** True by default (Keras: false). */
  readonly saveBestOnly?: boolean | undefined
  /** A value that the first save has to beat already. */
  readonly initialValueThreshold?: number | null | undefined
  /** 1 (default) says at every epoch whether the value improved. */
  readonly verbose?: number | undefined
}

const fields = {
  filepath: text,
  ...monitorFields,
  saveBestOnly: optional(boolean, true),
  initialValueThreshold: orNull(number()),
  verbose: optional(verbosity, 1),
}

/** Throws UserError for options that it does not have and for values out of range. */
export function modelCheckpoint(options: ModelCheckpointOptions): Callback {
  const chosen = parse(record(fields), options, 'modelCheckpoint')
  const { filepath, saveBestOnly, initialValueThreshold, verbose } = chosen
  const watched = monitor(monitorName(chosen.monitor), chosen.mode)
  /** A model trained again goes on from here. */
  let kept: number | undefined
  const bestSoFar = (): number => kept ?? initialValueThreshold ?? watched.worst
  return {
    name: 'modelCheckpoint',
    ...(saveBestOnly && { monitor: watched.name }),
    async onTrainBegin(training) {
      // A name that no model can be saved under is told before training begins.
      await writerFor(filepath)
      return watched.follow(training)
    },
    async onEpochEnd(epoch, logs, training) {
      const path = filledPath(filepath, epoch, logs)
      const say = async (text: string): Promise<void> => {
        if (verbose > 0) await training.say(`Epoch ${epoch + 1}: ${text}`)
      }
      if (!saveBestOnly) {
        await say(`saving model to ${path}`)
        await training.save(path, 'epoch')
        return
      }
      const current = monitored(logs, watched.name)
      const best = bestSoFar()
      if (!watched.better(current, best)) {
        const was = Number.isNaN(current) ? ' (it is NaN)' : ''
        await say(`${watched.name} did not improve from ${digits(best)}${was}`)
        return
      }
      await say(`${watched.name} improved from ${digits(best)} to ${digits(current)}, saving model to ${path}`)
      kept = current
      await training.save(path, 'best')
    },
    state: () => ({ values: { best: numberToJson(bestSoFar()) } }),
    restore: ({ values }) => {
      kept = parse(record({ best: anyNumber }), values, 'the state of modelCheckpoint', 'Field').best
    },
  }
}

/** Five digits, and `inf` as Keras writes it. */
function digits(value: number): string {
  if (Number.isFinite(value)) return Math.abs(value) < 1e9 ? value.toFixed(5) : value.toExponential(5)
  return value > 0 ? 'inf' : '-inf'
}

/** Python's format fields, as far as file names use them: `{epoch}`, `{epoch:03d}`, `{val_loss:.2f}`. */
function filledPath(filepath: string, epoch: number, logs: Logs): string {
  return filepath.replace(
    /\{(\w+)(?::(?:0?(\d+)d|\.(\d+)f))?\}/g,
    (field, name: string, width?: string, places?: string) => {
      const log = logNamed(name, Object.keys(logs))
      const value = name === 'epoch' ? epoch + 1 : log === undefined ? undefined : logs[log]
      if (value === undefined) {
        throw new UserError({
          what: `The file name ${filepath} uses ${field}, which training does not give`,
          expected: ['epoch', ...Object.keys(logs)].join(', '),
          received: name,
        })
      }
      return places === undefined ? String(value).padStart(Number(width ?? 0), '0') : value.toFixed(Number(places))
    },
  )
}

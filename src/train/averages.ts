/** Averages of scalar outputs over batches, every row counting the same, summed in double. */
import type { StepOutputs } from '../runtime/device.ts'
import type { Logs } from './events.ts'

export interface Averages {
  add(logs: Logs, rows: number): void
  means(): Record<string, number>
  readonly sums: Readonly<Record<string, number>>
  readonly rows: number
}

export function averages(start: { readonly sums: Logs; readonly rows: number } = { sums: {}, rows: 0 }): Averages {
  const sums: Record<string, number> = { ...start.sums }
  let rows = start.rows
  return {
    add(logs, count) {
      rows += count
      for (const [name, value] of Object.entries(logs)) sums[name] = (sums[name] ?? 0) + value * count
    },
    means: () => Object.fromEntries(Object.entries(sums).map(([name, sum]) => [name, sum / rows])),
    get sums() {
      return { ...sums }
    },
    get rows() {
      return rows
    },
  }
}

/** The scalar outputs of a step (loss and metrics); predictions are left out. */
export function scalarLogs(outputs: StepOutputs): Record<string, number> {
  const logs: Record<string, number> = {}
  for (const [name, values] of Object.entries(outputs)) {
    if (!name.startsWith('predictions:') && !name.startsWith('gradient:')) logs[name] = values[0]!
  }
  return logs
}

/** The same logs under `val_` names. */
export function validationLogs(logs: Logs): Record<string, number> {
  return Object.fromEntries(Object.entries(logs).map(([name, value]) => [`val_${name}`, value]))
}

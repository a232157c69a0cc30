/** Writes the story of a training into its run file: every event but the single batches. */
import type { RunFile } from '../store/run-file.ts'
import type { TrainListener } from './events.ts'

export function runLog(file: RunFile): TrainListener {
  return event => (event.type === 'batch-end' ? undefined : file.add(event))
}

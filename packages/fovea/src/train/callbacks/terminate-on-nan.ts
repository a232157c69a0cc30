/** Ends training when a batch's loss is not a finite number. Keras's TerminateOnNaN. */
import type { Callback } from './callback.ts'

/** Ends training when the loss of a batch is not a finite number. */
export function terminateOnNaN(): Callback {
  let found = false
  return {
    name: 'terminateOnNaN',
    onTrainBegin() {
      found = false
    },
    async onEvent(event, training) {
      if (event.type !== 'batch-end' || found || Number.isFinite(event.batchLogs['loss'])) return
      found = true
      training.stop(`the loss of batch ${event.batch} is ${event.batchLogs['loss']}`)
      await training.say(`Batch ${event.batch}: Invalid loss, terminating training`, 'warning')
    },
  }
}

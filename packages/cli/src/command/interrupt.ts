/** Ctrl-C: the first asks the work to end after its current step and save, the second ends the process at once. */

/** Runs `work` with a signal that SIGINT (or SIGTERM) aborts. The listeners are gone when it ends. */
export async function interruptible<T>(work: (signal: AbortSignal) => Promise<T>, onFirst: () => void): Promise<T> {
  const controller = new AbortController()
  const interrupt = (): void => {
    // 128 + 2, the shell's number for an interrupt.
    if (controller.signal.aborted) process.exit(130)
    controller.abort()
    onFirst()
  }
  process.on('SIGINT', interrupt)
  process.on('SIGTERM', interrupt)
  try {
    return await work(controller.signal)
  } finally {
    process.off('SIGINT', interrupt)
    process.off('SIGTERM', interrupt)
  }
}

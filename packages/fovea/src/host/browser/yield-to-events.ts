/** How a page lets pending events be handled. */
/** A message to oneself is handled after pending events and, unlike a timer, is not slowed down by the browser. */
export function yieldToEvents(): Promise<void> {
  return new Promise(resolve => {
    const { port1, port2 } = new MessageChannel()
    port1.onmessage = () => {
      port1.close()
      resolve()
    }
    port2.postMessage(undefined)
  })
}

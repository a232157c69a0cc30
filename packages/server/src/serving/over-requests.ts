/** The web's own words, `Request` and `Response`, around what answers: any server that speaks them can hold it. */
import { type Answering, brokenOff, type Question, type Reply } from './contract.ts'

/** From a request to its answer. */
export type Handler = (request: Request) => Promise<Response>

export const overRequests =
  (answer: Answering): Handler =>
  async request =>
    responseOf(await answer(questionOf(request)))

export const questionOf = (request: Request): Question => ({
  method: request.method,
  url: new URL(request.url),
  header: name => request.headers.get(name),
  get signal() {
    return request.signal
  },
  async read(take) {
    if (request.body === null) return
    const reader = request.body.getReader()
    for (;;) {
      const { done, value } = await reader.read().catch(() => {
        throw brokenOff()
      })
      if (done) return
      try {
        take(value)
      } catch (error) {
        await reader.cancel().catch(() => {})
        throw error
      }
    }
  },
})

function responseOf({ status, headers, body }: Reply): Response {
  const [first = null, ...more] = body
  return new Response(more.length === 0 ? first : new Blob([...body]), { status, headers })
}

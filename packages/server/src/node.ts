/** A server of its own, in Node. */
export type { RequestRecord } from './node-server/front.ts'
export { type RunningServer, type ServerOptions, startServer } from './node-server/start-server.ts'

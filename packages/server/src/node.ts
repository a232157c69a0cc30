/** A server of its own, in Node. */
export type { Servable } from './serving/contract.ts'

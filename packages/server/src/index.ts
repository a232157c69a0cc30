/** Classifiers over HTTP, in any JavaScript server, edge runtime or framework. */
export type { Explanation, Servable, ServedRows, ServedTensor } from './serving/contract.ts'
export type { Handler } from './serving/over-requests.ts'
export { type ServeOptions, serve } from './serving/serve.ts'

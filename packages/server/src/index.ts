/** Classifiers over HTTP, in any JavaScript server, edge runtime or framework. */
export type { Servable, ServedTensor } from './serving/contract.ts'

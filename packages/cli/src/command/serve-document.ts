/** `fovea serve MODEL… --json`: what was served, at the end. */
export interface ServeDocument {
  readonly url: string
  /** Their names. */
  readonly models: readonly string[]
  /** How many were answered. */
  readonly requests: number
}

/** What `--json` prints of runs on own pictures that go on, or are reviewed. (All other documents: `documents.ts`.) */
import type { TrainReport } from 'fovea/internal/run/report'

/** `fovea train --again RUN --json`: the report of the run, and what is different from the one before. */
export interface AgainDocument extends TrainReport {
  readonly again: {
    /** The run before. */
    readonly run: string
    readonly relabelled: number
    /** Since the run before. */
    readonly setAside: number
    /** Files that the run before did not know. */
    readonly added: number
    /** Files of the run before that are gone. */
    readonly missing: number
    /** Both runs on the same held-out pictures, with the labels as they are now; null where there are none, or training was interrupted. */
    readonly compared: { readonly pictures: number; readonly before: number; readonly now: number } | null
  }
}

/** `fovea train RUN --then PICTURES --json`: the report of the run, and what is different from the one before. */
export interface ThenDocument extends TrainReport {
  readonly then: {
    /** The run before. */
    readonly run: string
    /** The folder or the table that it goes on with. */
    readonly pictures: string
    readonly added: number
    readonly newClasses: readonly string[]
    /** Pictures of the run before with another class than it had learned, and those that were set aside since. */
    readonly relabelled: number
    readonly setAside: number
    /** Files of the run before that are gone. */
    readonly missing: number
    /** Both runs on the pictures that the run before held out: what was forgotten. Null where there are none, or training was interrupted. */
    readonly compared: { readonly pictures: number; readonly before: number; readonly now: number } | null
  }
}

/** `fovea review RUN --json`: what the log of labels says at the end. */
export interface ReviewDocument {
  readonly run: string
  /** The log: one change a line. */
  readonly log: string
  /** Changes in force, and the pictures that have another class, or are set aside, than in the run. */
  readonly changes: number
  readonly relabelled: number
  readonly setAside: number
  /** Files that were moved, or with `--plan` would be, relative to the folder of the pictures. */
  readonly moved: readonly { readonly from: string; readonly to: string }[]
  /** Files that could not be moved, and why. */
  readonly notMoved: readonly { readonly file: string; readonly reason: string }[]
}

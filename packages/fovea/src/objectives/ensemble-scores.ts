/**
 * What several models say of the same pictures together: the mean of their probabilities, how good each is and the mean is, and how far
 * they differ. In: true classes, and of every model rows of probabilities, classes in one order. (Hansen and Salamon 1990, "Neural network
 * ensembles"; Lakshminarayanan, Pritzel and Blundell 2017, "Simple and scalable predictive uncertainty estimation using deep ensembles".)
 */
import { calibrationError, predictedClasses } from './classification-report.ts'

/** How good probabilities are. */
export interface ProbabilityScores {
  readonly accuracy: number
  /** Mean of −ln p of the true class; no p counts as less than 1e-7, as in the losses. */
  readonly logLoss: number
  /** Expected calibration error in 15 bins (Guo et al. 2017). */
  readonly calibrationError: number
}

/** What `evaluate` of an ensemble gives. */
export interface EnsembleScores {
  readonly pictures: number
  /** In the order of the members. */
  readonly members: readonly ProbabilityScores[]
  /** Of the mean of their probabilities. */
  readonly mean: ProbabilityScores
  /** Share of the pictures of which not all members say the same class. */
  readonly disagreement: number
  /** Share of the pictures of which one member at least says the true class. */
  readonly anyRight: number
}

/** Of every number the mean over the members, each weighing the same. */
export function meanOfMembers(members: readonly ArrayLike<number>[]): Float32Array {
  return Float32Array.from(
    { length: members[0]!.length },
    (_, index) => members.reduce((sum, values) => sum + values[index]!, 0) / members.length,
  )
}

export function ensembleScores(
  labels: ArrayLike<number>,
  members: readonly Float32Array[],
  classes: number,
): EnsembleScores {
  const said = members.map(values => predictedClasses(values, classes))
  const isRight = (own: Int32Array, row: number): boolean => own[row] === labels[row]
  const rows = Array.from(labels, (_, row) => row)
  const share = (holds: (row: number) => boolean): number => rows.filter(holds).length / rows.length
  return {
    pictures: labels.length,
    members: members.map(values => probabilityScores(labels, values, classes)),
    mean: probabilityScores(labels, meanOfMembers(members), classes),
    disagreement: share(row => said.some(own => own[row] !== said[0]![row])),
    anyRight: share(row => said.some(own => isRight(own, row))),
  }
}

const leastProbability = 1e-7

export function probabilityScores(
  labels: ArrayLike<number>,
  probabilities: Float32Array,
  classes: number,
): ProbabilityScores {
  const list = Array.from(labels)
  const said = predictedClasses(probabilities, classes)
  const mean = (of: (label: number, row: number) => number): number =>
    list.reduce((sum, label, row) => sum + of(label, row), 0) / list.length
  return {
    accuracy: mean((label, row) => (said[row] === label ? 1 : 0)),
    logLoss: mean((label, row) => -Math.log(Math.max(leastProbability, probabilities[row * classes + label]!))),
    calibrationError: calibrationError(list, probabilities, classes).error,
  }
}

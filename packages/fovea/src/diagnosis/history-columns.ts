/**
 * What the columns of a history mean, whichever tool wrote it. In: the names of its columns, those with values. Out: which column is the
 * epoch, the losses and accuracies of training and validation, and which are passed over. Known are the words of Keras 1 to 3 (`acc`,
 * `val_accuracy`), fastai (`valid_loss`), Lightning (`train_loss_epoch`), Hugging Face's trainer (`eval_loss`), Ultralytics
 * (`metrics/accuracy_top1`), timm (`eval_top1`) and of scripts like PyTorch's examples (`Train Loss`, `test_acc`).
 */

/** The four curves that are read. */
export const curveNames = ['loss', 'accuracy', 'valLoss', 'valAccuracy'] as const
export type CurveName = (typeof curveNames)[number]
export type ColumnRole = CurveName | 'epoch' | 'step'

export interface ReadColumn {
  readonly column: string
  readonly role: ColumnRole
  /** The column holds the share of mistakes: accuracy is 1 less that. */
  readonly mistakes?: true
}

/** Which columns were read as what, and which were passed over: some say something else, some say nothing. */
export interface HistoryColumns {
  readonly read: readonly ReadColumn[]
  readonly passedOver: readonly string[]
  /** Of those passed over, the ones without any value. */
  readonly empty: readonly string[]
}

/** A column that may be a curve. The smaller its rank, the sooner it is taken. */
interface Candidate {
  readonly index: number
  readonly part: 'none' | 'training' | 'validation'
  readonly metric: 'loss' | 'accuracy' | 'mistakes'
  readonly rank: number
}

const parts: Readonly<Record<string, { readonly part: Candidate['part']; readonly rank: number }>> = {
  train: { part: 'training', rank: 1 },
  training: { part: 'training', rank: 1 },
  val: { part: 'validation', rank: 0 },
  valid: { part: 'validation', rank: 0 },
  validation: { part: 'validation', rank: 0 },
  eval: { part: 'validation', rank: 0 },
  dev: { part: 'validation', rank: 0 },
  // What Ultralytics measures on its validation set.
  metrics: { part: 'validation', rank: 1 },
  // Tested after every epoch, pictures do what validation pictures do.
  test: { part: 'validation', rank: 2 },
}
/** Lightning writes a mean over the epoch and single steps of one value: `train_loss_epoch`, `train_loss_step`. */
const spans = ['epoch', '', 'step']
const losses = ['loss', 'avg_loss', 'nll_loss', 'cross_entropy', 'cross_entropy_loss']
const accuracies = [
  ...['accuracy', 'acc', 'categorical_accuracy', 'sparse_categorical_accuracy', 'binary_accuracy'],
  ...[
    'multiclass_accuracy',
    'accuracy_top1',
    'top1_accuracy',
    'acc_top1',
    'top1_acc',
    'acc1',
    'acc_1',
    'top1',
    'top_1',
  ],
]

/** `isMeasured`: whether the column at that place has a value at all; one without is none. */
export function columnsOf(
  names: readonly string[],
  isMeasured: (index: number) => boolean,
): {
  readonly roles: ReadonlyMap<ColumnRole, { readonly index: number; readonly mistakes: boolean }>
} & HistoryColumns {
  const plain = names.map(snakeCase)
  const measured = names.flatMap((_, index) => (isMeasured(index) ? [index] : []))
  // Weights & Biases puts the name of the run before that of the curve: `brave-sun-7 - val_loss`.
  const ofRun = (index: number): string => snakeCase(names[index]!.split(' - ').at(-1)!)
  const candidates = measured.flatMap(
    index => candidateOf(plain[index]!, index) ?? candidateOf(ofRun(index), index) ?? [],
  )
  const pick = (metric: 'loss' | 'accuracy', ...wanted: readonly Candidate['part'][]): Candidate | undefined =>
    candidates
      .filter(each => (each.metric === 'loss') === (metric === 'loss') && wanted.includes(each.part))
      .reduce<Candidate | undefined>((best, each) => (best && best.rank <= each.rank ? best : each), undefined)
  const loss = pick('loss', 'none', 'training')
  const valLoss = pick('loss', 'validation')
  let accuracy = pick('accuracy', 'none', 'training')
  let valAccuracy = pick('accuracy', 'validation')
  // fastai measures on the validation set alone, and names its losses apart but not its metrics: train_loss, valid_loss, accuracy.
  if (accuracy?.part === 'none' && loss?.part === 'training' && valLoss && !valAccuracy) {
    valAccuracy = accuracy
    accuracy = pick('accuracy', 'training')
  }
  const named = (...words: readonly string[]) => measured.find(index => words.includes(plain[index]!))
  // pandas writes the number of the row into a first column without a name.
  const epoch = named('epoch', 'epochs') ?? (names[0]?.trim() === '' ? measured.find(index => index === 0) : undefined)
  const step = named('step', 'global_step')
  const found: readonly (readonly [ColumnRole, { index: number; metric?: Candidate['metric'] } | undefined])[] = [
    ['epoch', epoch === undefined ? undefined : { index: epoch }],
    ['step', step === undefined || epoch === undefined ? undefined : { index: step }],
    ...([
      ['loss', loss],
      ['accuracy', accuracy],
      ['valLoss', valLoss],
      ['valAccuracy', valAccuracy],
    ] as const),
  ]
  const roles = new Map(
    found.flatMap(([role, at]) =>
      at ? [[role, { index: at.index, mistakes: at.metric === 'mistakes' }] as const] : [],
    ),
  )
  const used = new Set([...roles.values()].map(({ index }) => index))
  const others = [...names.keys()].filter(index => !used.has(index) && names[index]!.trim() !== '')
  return {
    roles,
    read: [...roles].map(([role, { index, mistakes }]) => ({
      column: names[index]!.trim(),
      role,
      ...(mistakes && { mistakes }),
    })),
    passedOver: others.map(index => names[index]!.trim()),
    empty: others.filter(index => !isMeasured(index)).map(index => names[index]!.trim()),
  }
}

/** `valLoss`, `Valid Loss`, `val/loss` → one spelling. */
function snakeCase(name: string): string {
  return name
    .replace(/([a-z0-9])([A-Z])/g, '$1_$2')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '_')
    .replace(/^_|_$/g, '')
}

function candidateOf(name: string, index: number): Candidate | undefined {
  const words = name.split('_')
  const span = spans.indexOf(words.length > 1 && spans.includes(words.at(-1)!) ? words.pop()! : '')
  const side = [words[0]!, words.at(-1)!].find(word => words.length > 1 && Object.hasOwn(parts, word))
  const { part, rank } = side === undefined ? ({ part: 'none', rank: 0 } as const) : parts[side]!
  if (side !== undefined) words.splice(words.indexOf(side), 1)
  const metric = words.join('_')
  const places = [losses, accuracies, ['error_rate']].map(each => each.indexOf(metric))
  const kind = places.findIndex(place => place >= 0)
  if (kind < 0) return undefined
  const order = 1000 * rank + 100 * span + places[kind]!
  return {
    index,
    part,
    metric: (['loss', 'accuracy', 'mistakes'] as const)[kind]!,
    rank: order + (kind === 2 ? 50 : 0),
  }
}

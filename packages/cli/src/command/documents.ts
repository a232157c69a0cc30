/**
 * What `--json` prints, one type a verb. Every call with `--json` writes exactly one of these to standard output; a call
 * that fails writes an `ErrorDocument`. Fractions are 0 … 1, times in seconds unless the name says otherwise.
 */
import type { Problem } from 'fovea/internal/base/errors'
import type { TestViews } from 'fovea/internal/base/test-views'
import type { SplitDescription } from 'fovea/internal/data/describe'
import type { Finding } from 'fovea/internal/diagnosis/finding'
import type { HistoryColumns } from 'fovea/internal/diagnosis/history-columns'
import type { ConvolutionByHand } from 'fovea/internal/explain/convolution-by-hand'
import type { OutputTerms } from 'fovea/internal/explain/filter'
import type { ReceptiveField, Rectangle } from 'fovea/internal/explain/receptive-field'

/** What a call with `--json` prints when it fails. */
export interface ErrorDocument {
  readonly error: readonly Problem[]
}

/** `fovea --version --json` */
export interface VersionDocument {
  readonly version: string
}

/** `fovea help --json` and `fovea VERB --help --json` */
export interface HelpDocument {
  readonly verbs: readonly {
    readonly name: string
    readonly summary: string
    readonly positional?: { readonly name: string; readonly help: string }
    readonly options: readonly { readonly name: string; readonly help: string; readonly value?: string }[]
    readonly examples: readonly string[]
  }[]
}

/** `fovea report RUN… --json` */
export interface ReportDocument {
  /** The page, and its size. */
  readonly report: string
  readonly bytes: number
  /** The files that `--png` wrote. */
  readonly png: readonly string[]
  /** Runs that could not be read, and why; with any of them the exit code is 1. */
  readonly failed: readonly { readonly run: string; readonly problems: readonly Problem[] }[]
}

/** `fovea recipes --json`; with a name the document is that recipe's `RecipeConfig` with its layers, which `fovea train my.json` takes. */
export interface RecipesDocument {
  readonly recipes: readonly {
    readonly name: string
    readonly title: string
    readonly dataset: string
    readonly params: number
    readonly batchSize: number
    readonly epochs: number
    /** The accuracy published for these settings. */
    readonly published?: string
    /** Validation is done on the test set, as published. */
    readonly selectedOnTestSet: boolean
  }[]
}

/** `fovea summary MODEL --json` */
export interface SummaryDocument {
  readonly name: string
  readonly layers: readonly {
    readonly name: string
    /** Keras's class name. */
    readonly type: string
    /** The batch axis, which is free, is null. */
    readonly outputShape: readonly (number | null)[]
    readonly params: number
    /** How `params` comes about, with `--formulas`: `32 × (3 × 3 × 1) + 32`. */
    readonly formula?: string
    /** Functional models: the layers this one is called on. */
    readonly connectedTo?: readonly string[]
  }[]
  readonly params: { readonly total: number; readonly trainable: number; readonly nonTrainable: number }
}

/** `fovea inspect FILE --json` */
export interface InspectDocument {
  readonly file: string
  readonly bytes: number
  /** Undefined where the file is none that is read. */
  readonly format?: string
  /** What the first bytes say it is. */
  readonly kind?: string
  readonly writer?: string
  readonly inputs?: readonly { readonly name: string; readonly shape: readonly number[] }[]
  readonly outputs?: readonly { readonly name: string; readonly shape: readonly number[] }[]
  readonly layers?: SummaryDocument['layers']
  readonly params?: SummaryDocument['params']
  readonly weights?: readonly { readonly name: string; readonly shape: readonly number[] }[]
  readonly classNames?: readonly string[]
  /** How a picture becomes the input. */
  readonly preprocess?: { readonly [name: string]: unknown }
  /** What the file says and the model does not. */
  readonly notes?: readonly string[]
  /** Why it cannot be used. */
  readonly problems?: readonly { readonly what: string; readonly fix?: string | undefined }[]
}

/** `fovea export MODEL --to FILE --json` */
export interface ExportDocument {
  readonly model: string
  /** Every file that was written, the one that was named first. */
  readonly files: readonly { readonly file: string; readonly bytes: number }[]
  /** `classifier` for files that need no other program. */
  readonly format: string
  /** With weights in fewer bits: on these test pictures, with all bits and with those of the file; missing where they are not here. */
  readonly accuracy?: {
    readonly pictures: number
    readonly dataset: string
    readonly before: number
    readonly after: number
  }
  /** Instead, where the run directory keeps pictures: how many of them get the same class with all bits and with fewer. */
  readonly agreement?: { readonly pictures: number; readonly same: number }
}

/** `fovea evaluate MODEL --dataset NAME --json` */
export interface EvaluateDocument {
  readonly model: string
  readonly dataset: string
  readonly samples: number
  /** Of the mean over these views of every picture. */
  readonly views?: TestViews
  readonly loss: number
  readonly accuracy: number
  /** Every metric the model was compiled with, by name. */
  readonly metrics: { readonly [name: string]: number }
  /** In the order of the matrix's rows and columns. */
  readonly classNames: readonly string[]
  /** Pictures by true class (row) and predicted class (column). */
  readonly confusionMatrix: readonly (readonly number[])[]
  readonly seconds: number
}

/** `fovea find-lr RECIPE --json` */
export interface FindLrDocument {
  readonly recipe: string
  readonly optimizer: string
  readonly batchSize: number
  readonly seed: number
  /** The recipe's own; null where it leaves it to the optimizer. */
  readonly ownRate: number | null
  /** Step by step: the rate, the loss of the batch, the loss averaged so far. */
  readonly points: readonly { readonly rate: number; readonly loss: number; readonly smoothed: number }[]
  /** The rate to train with: a fifth of the one at the lowest smoothed loss. */
  readonly suggestion: number
  /** Where the smoothed loss is lowest. */
  readonly lowest: { readonly rate: number; readonly loss: number; readonly smoothed: number }
  /** Where it falls fastest. */
  readonly steepest: { readonly rate: number; readonly loss: number; readonly smoothed: number }
  readonly ended: 'exploded' | 'end'
  /** The drawing that `--out` wrote. */
  readonly file: string | null
}

/** `fovea compare A B … --json` */
export interface CompareDocument {
  /** The page that shows them side by side; null when training was interrupted. */
  readonly report: string | null
  readonly runs: readonly ComparedRun[]
  /** Runs that differ in nothing but the seed, together. */
  readonly groups: readonly ComparedGroup[]
  /** Null where there is nothing to decide: one run, equal accuracies, different data sets. */
  readonly verdict: CompareVerdict | null
}

/** Runs that differ in nothing but the seed. */
export interface ComparedGroup {
  readonly name: string
  readonly dataset: string
  readonly params: number
  readonly runDirs: readonly string[]
  /** Of each run. */
  readonly seeds: readonly number[]
  /** Null in runs of older versions. */
  readonly testPictures: number | null
  /** On the test set; the standard deviation of one run is null. */
  readonly accuracy: {
    readonly mean: number
    readonly lowest: number
    readonly highest: number
    readonly deviation: number | null
  }
}

/** Which is best, and whether luck explains it. */
export interface CompareVerdict {
  /** Names of groups; of one group alone, directories of its best and its worst run. */
  readonly best: string
  readonly second: string
  /** Of their mean test accuracies. */
  readonly difference: number
  /** What luck with the test pictures makes of two equal models (two-proportion test at 5 %). Null where their number is unknown. */
  readonly margin: number | null
  /** The difference is larger than that, and the runs of different seeds do not overlap. Null where it cannot be said. */
  readonly beyondChance: boolean | null
}

/** One run that was compared. */
export interface ComparedRun {
  readonly recipe: string
  readonly dataset: string
  readonly params: number
  readonly epochs: number
  /** Training time, without evaluation of the test set. */
  readonly seconds: number
  readonly test: { readonly loss: number; readonly accuracy: number }
  /** Forward pass alone, in batches, averaged over the test set. */
  readonly msPerPicture: number
  readonly runDir: string
  /** False where a finished run was read, not trained. */
  readonly trained: boolean
  /** Validation was done on the test set, so its accuracy is a little flattered. */
  readonly selectedOnTestSet: boolean
}

/** `fovea diagnose RUN --json`: worst first; `healthy` alone. */
export interface DiagnoseDocument {
  readonly findings: readonly Finding[]
  /** Of a file: which of its columns were read as what, and which were passed over. */
  readonly columns?: HistoryColumns
}

/** `fovea filter PICTURE --json`: one result as it is, several as a list. */
export type FilterDocument = FilterResult | { readonly results: readonly FilterResult[] }

/** One filter, channel or pooling, applied to the picture. */
export interface FilterResult {
  /** Of the filter, the channel or the pooling. */
  readonly name: string
  /** Height and width. */
  readonly shape: readonly [number, number]
  /** Rows of numbers; left out of results of more than 4096. */
  readonly values?: readonly (readonly number[])[]
  /** With `--at`. */
  readonly terms?: OutputTerms
  /** Pictures written. */
  readonly files: readonly string[]
}

/** `fovea explain MODEL PICTURE --layer NAME --at ROW,COLUMN,FILTER --json` */
export type ByHandDocument = ConvolutionByHand & {
  /** What the number depends on, in pixels of the picture (`receptiveField` is in numbers of the layer's own input). */
  readonly inputField: ReceptiveField
  /** What `--out` wrote. */
  readonly files: readonly string[]
}

/** `fovea explain MODEL PICTURE --json` */
export interface ExplainDocument {
  readonly model: string
  readonly picture: string
  /** The predicted class. */
  readonly class: number
  readonly className: string
  readonly probabilities: readonly number[]
  readonly classNames: readonly string[]
  /** The class that Grad-CAM, guided gradient and occlusion speak of. */
  readonly explainedClass: number
  /** Rows of numbers ≥ 0, of the layer's height and width. */
  readonly gradCam?: { readonly layer: string; readonly map: readonly (readonly number[])[] }
  /** What covering `patch` × `patch` pixels takes from the probability, every `stride` pixels. */
  readonly occlusion: {
    readonly patch: number
    readonly stride: number
    readonly drops: readonly (readonly number[])[]
  }
  /** Of the unit in the middle of every convolution. */
  readonly receptiveFields: readonly ReceptiveField[]
  /** With `--dataset`. */
  readonly patches?: PatchesDocument
  /** What `--out` wrote. */
  readonly files: readonly string[]
}

/** The parts of a data set's pictures that excite filters most. */
export interface PatchesDocument {
  readonly dataset: string
  /** Test pictures looked at, from the first. */
  readonly samples: number
  readonly layers: readonly {
    readonly layer: string
    readonly filters: readonly {
      readonly filter: number
      /** Strongest first, one a picture; none for a filter that nothing excites. */
      readonly patches: readonly {
        /** Number of the test picture. */
        readonly picture: number
        /** Row, column, filter (or the unit) in the layer. */
        readonly at: readonly number[]
        readonly value: number
        readonly inputField: Rectangle
      }[]
    }[]
  }[]
}

/** `fovea shift-test MODEL… --json` */
export interface ShiftTestDocument {
  /** Those that could be tested. */
  readonly models: readonly ShiftTestModel[]
  /** Models that could not, and why; with any of them the exit code is 1. */
  readonly failed: readonly { readonly model: string; readonly problems: readonly Problem[] }[]
}

/** Accuracies of one model on pictures that were moved and turned. */
export interface ShiftTestModel {
  /** The recipe's name, else the model's. */
  readonly name: string
  readonly path: string
  readonly unshifted: number
  /** Each accuracy the mean of four directions. */
  readonly shifts: readonly { readonly pixels: number; readonly accuracy: number }[]
  /** Each accuracy the mean of both directions. */
  readonly turns: readonly { readonly degrees: number; readonly accuracy: number }[]
}

/** `fovea data NAME --json` */
export interface DataDocument {
  readonly name: string
  readonly title: string
  /** Height, width, channels. */
  readonly shape: readonly number[]
  readonly classNames: readonly string[]
  readonly train: SplitDocument
  /** Null for own pictures without a test part. */
  readonly test: SplitDocument | null
  readonly licence: string
  readonly citation: string
}

/** One part of a data set. */
export type SplitDocument = SplitDescription

/** `fovea doctor --json` */
export interface DoctorDocument {
  /** Whether Fovea can work here. */
  readonly ok: boolean
  readonly versions: { readonly fovea: string; readonly node: string; readonly v8: string }
  readonly platform: string
  readonly cores: number
  readonly simd: boolean
  /** `on`: by itself; `switchable`: with a flag that Fovea sets for `--numerics fast`; `off`. */
  readonly relaxedSimd: 'on' | 'switchable' | 'off'
  readonly threads: boolean
  /** Of one core, by a register tile; `fast`: with contracted multiply-adds, where the engine has them. Only with SIMD. */
  readonly gflops?: { readonly reproducible: number; readonly fast?: number }
  readonly memory: { readonly totalBytes: number; readonly freeBytes: number; readonly limitBytes?: number }
  readonly dataFolder?: string
  readonly cacheFolder: string
  /** What is missing and what to do about it. */
  readonly hints: readonly string[]
}

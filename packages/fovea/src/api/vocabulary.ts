/**
 * The words both entries (Node and browser) offer alike: layers, optimizers, schedules, losses, metrics, callbacks, recipes, the
 * zoo, data sets and how a picture becomes an input, files in memory. Names are Keras's, in camelCase.
 */

export type { DatasetChoice } from '../base/dataset-choice.ts'
export type { Problem } from '../base/errors.ts'
export { InternalError, PictureError, UserError } from '../base/errors.ts'
export type { Files, Host, TextOutput } from '../base/host.ts'
export type { Json } from '../base/json.ts'
export type { AnyPicture, BlobLike, DrawableLike, Picture, PictureBytes, PictureLike } from '../base/picture.ts'
export type { PreprocessSpec } from '../base/preprocess-spec.ts'
export { parseSpec, specOf } from '../base/preprocess-spec.ts'
export type { TestViews } from '../base/test-views.ts'
export type { Dataset, LoadedDataset, Split } from '../data/dataset.ts'
export { pictureOf, takeFirst } from '../data/dataset.ts'
export type { GeneratedPictures } from '../data/generated-source.ts'
export { generatedSource } from '../data/generated-source.ts'
export type { MemoryPictures, MemorySource } from '../data/memory-source.ts'
export { memorySource } from '../data/memory-source.ts'
export { toCategorical } from '../data/one-hot.ts'
export type { PictureShape, PictureSource } from '../data/picture-source.ts'
export { generateShapes } from '../data/shapes.ts'
export { splitValidation } from '../data/split.ts'
export type { Answer, Classify, ClassifyOptions, ClassProbability } from '../engine/answer.ts'
export type { ArrayLikeInput, NdArray } from '../engine/arrays.ts'
export type { LoadPredictorOptions, SavedPredictor } from '../engine/load-predictor.ts'
export type { Float32NdArray } from '../engine/pass.ts'
export { activation, elu, leakyReLU, prelu, reLU, softmax } from '../layers/activation-layers.ts'
export { randomFlip, randomRotation, randomTranslation, randomZoom } from '../layers/augmentation.ts'
export { conv2d } from '../layers/conv.ts'
export { conv2dTranspose } from '../layers/conv-transpose.ts'
export type { CustomLayerOptions, CustomWeight, LayerFormula } from '../layers/custom-layer.ts'
export { customLayer } from '../layers/custom-layer.ts'
export { dense } from '../layers/dense.ts'
export { depthwiseConv2d, separableConv2d } from '../layers/depthwise.ts'
export { gaussianDropout, gaussianNoise } from '../layers/gaussian-noise.ts'
export { groupNormalization } from '../layers/group-normalization.ts'
export type { Layer } from '../layers/layer.ts'
export { layerNormalization, localResponseNormalization } from '../layers/layer-normalization.ts'
export { rmsNormalization, unitNormalization } from '../layers/length-normalization.ts'
export { add, average, concatenate, maximum, minimum, multiply, subtract } from '../layers/merging.ts'
export { dropout } from '../layers/noise.ts'
export { batchNormalization } from '../layers/normalization.ts'
export { averagePooling2d, globalAveragePooling2d, globalMaxPooling2d, maxPooling2d } from '../layers/pooling.ts'
export { randomAffine } from '../layers/random-affine.ts'
export { randomBrightness, randomContrast } from '../layers/random-colour.ts'
export { randomErasing } from '../layers/random-erasing.ts'
export { cropping2d, permute, reshape, zeroPadding2d } from '../layers/rearranging.ts'
export { l1, l1l2, l2 } from '../layers/regularizers.ts'
export { normalization, rescaling } from '../layers/rescaling.ts'
export { centerCrop, randomCrop, resizing, upSampling2d } from '../layers/resizing.ts'
export { flatten } from '../layers/shaping.ts'
export { spatialDropout2d } from '../layers/spatial-dropout.ts'
export type { CallableLayer, Tensor } from '../layers/tensor.ts'
export { apply } from '../layers/tensor.ts'
export { modelFromConfig, modelToConfig } from '../network/config.ts'
export { chain, input } from '../network/functional.ts'
export type { Model } from '../network/model.ts'
export type { ModelConfig } from '../network/saved-config.ts'
export type { Freeze } from '../network/transfer.ts'
export type { ParameterCounts } from '../network/weights.ts'
export type { ZooModel, ZooName, ZooOptions } from '../network/zoo/zoo.ts'
export { zoo, zooModel } from '../network/zoo/zoo.ts'
export {
  calibrationError,
  classScores,
  confusionMatrix,
  predictedClasses,
  topKAccuracy,
} from '../objectives/classification-report.ts'
export type { EnsembleScores, ProbabilityScores } from '../objectives/ensemble-scores.ts'
export type { Loss, LossName } from '../objectives/losses.ts'
export {
  binaryCrossentropy,
  categoricalCrossentropy,
  customLoss,
  meanSquaredError,
  sparseCategoricalCrossentropy,
} from '../objectives/losses.ts'
export type { AucOptions, F1Options, ThresholdMetricOptions } from '../objectives/metric-factories.ts'
export {
  auc,
  binaryAccuracy,
  f1Score,
  falseNegatives,
  falsePositives,
  fBetaScore,
  precision,
  precisionAtRecall,
  recall,
  recallAtPrecision,
  sensitivityAtSpecificity,
  sparseTopKCategoricalAccuracy,
  specificityAtSensitivity,
  topKCategoricalAccuracy,
  trueNegatives,
  truePositives,
} from '../objectives/metric-factories.ts'
export type { MetricResult, MetricValues } from '../objectives/metric-values.ts'
export type { Metric, MetricClass, MetricName } from '../objectives/metrics.ts'
export { metricFromConfig } from '../objectives/metrics.ts'
export { cutMix, type Mixing, type MixingOptions, mixup } from '../objectives/mixing.ts'
export type { OptimizerName } from '../optimizer/factories.ts'
export { adadelta, adagrad, adam, adamax, adamw, lion, muon, nadam, rmsprop, sgd } from '../optimizer/factories.ts'
export type { Optimizer } from '../optimizer/optimizer.ts'
export type { Schedule } from '../optimizer/schedules.ts'
export {
  byEpoch,
  cosineDecay,
  cosineDecayRestarts,
  exponentialDecay,
  inverseTimeDecay,
  oneCycle,
  piecewiseConstantDecay,
  polynomialDecay,
  polynomialRamp,
} from '../optimizer/schedules.ts'
export type { InputOptions, PictureInput } from '../preprocess/input.ts'
export { pictureToInput } from '../preprocess/input.ts'
export type { RecipeConfig, ValidationRule } from '../recipes/recipe.ts'
export { recipeFromJson } from '../recipes/recipe-json.ts'
export { recipe, recipes } from '../recipes/recipes.ts'
export type { EpochReport, TrainReport } from '../run/report.ts'
export type { RunRecipeOptions } from '../runner/recipe-job.ts'
export type { RecipeRun } from '../runner/run-recipe.ts'
export type { Device, Numerics, Program, ProgramInfo } from '../runtime/device.ts'
export { referenceDevice } from '../runtime/reference.ts'
export { addModelFormats } from '../store/added-formats.ts'
export { memoryFiles } from '../store/memory-files.ts'
export { encodeModelFile } from '../store/model-encoder.ts'
export type {
  LayerWithWeights,
  ModelFile,
  NamedWeight,
  OutputTraining,
  TrainingClass,
  TrainingState,
} from '../store/model-file.ts'
export { decodeModelFile } from '../store/model-file.ts'
export type { ModelFormat, OpenedFile, ReadLimits, WriteModel, WrittenModel } from '../store/model-formats.ts'
export type { StoredTensor, TensorFile } from '../store/safetensors.ts'
export { encodeSafetensors } from '../store/safetensors-encoder.ts'
export { decodeSafetensors } from '../store/tensor-file.ts'
export { weightsSha256 } from '../store/weights-hash.ts'
export type { Callback, CallbackState, Training } from '../train/callbacks/callback.ts'
export { csvLogger } from '../train/callbacks/csv-logger.ts'
export { earlyStopping } from '../train/callbacks/early-stopping.ts'
export type { EpochRecord, History } from '../train/callbacks/history.ts'
export { learningRateScheduler, reduceLROnPlateau } from '../train/callbacks/learning-rate.ts'
export { modelCheckpoint } from '../train/callbacks/model-checkpoint.ts'
export { progressBar } from '../train/callbacks/progress-bar.ts'
export { tensorBoard } from '../train/callbacks/tensor-board.ts'
export { terminateOnNaN } from '../train/callbacks/terminate-on-nan.ts'
export { stochasticWeightAveraging, type WeightAveragingOptions } from '../train/callbacks/weight-averaging.ts'
export type { Logs, TrainEvent, TrainListener } from '../train/events.ts'
export type { LearningRateSearch, RatePoint, RateRange } from '../train/rate-range.ts'
export type { Classifier, Scores } from './classifier.ts'
export type { CrossValidateOptions, CrossValidation, FoldResult } from './cross-validate.ts'
export { crossValidate } from './cross-validate.ts'
export type { Ensemble } from './ensemble.ts'
export { ensemble } from './ensemble.ts'
export type { ModelOptions, SequentialClassifier, TransferOptions } from './models.ts'
export type {
  CompileOptions,
  EvaluateOptions,
  FindLearningRateOptions,
  FitOptions,
  LabelledPictures,
  LabelledSamples,
  PassOptions,
  StepOptions,
  TrainingData,
} from './options.ts'
export type { LoadModelOptions, ModelSource } from './platform.ts'

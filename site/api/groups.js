/**
 * Every public name, by what it is for, in the order of reading: first what is called, then types. The build fails when a name is missing
 * here, stands in two groups, or is no longer public.
 */
export const groups = [
  {
    id: 'models',
    title: 'Models',
    about: 'Build a network, train it, ask it, save it. Start with `sequential`.',
    names:
      'sequential model classifier loadModel transferFrom loadPredictor ensemble crossValidate input chain apply zoo zooModel modelFromConfig modelToConfig',
    types: `Classifier SequentialClassifier SavedPredictor CompileOptions FitOptions EvaluateOptions PassOptions StepOptions
      FindLearningRateOptions LearningRateSearch RatePoint RateRange ModelOptions
      TransferOptions Freeze CrossValidateOptions CrossValidation FoldResult
      LoadPredictorOptions TestViews Ensemble EnsembleScores ProbabilityScores Classify ClassifyOptions Answer ClassProbability Scores Model ModelConfig ParameterCounts Tensor Float32NdArray ZooModel ZooName ZooOptions`,
  },
  {
    id: 'layers',
    title: 'Layers',
    about: 'What a network is made of. Names, defaults and weight layouts are those of Keras.',
    names: `dense conv2d conv2dTranspose depthwiseConv2d separableConv2d maxPooling2d averagePooling2d globalMaxPooling2d
      globalAveragePooling2d flatten reshape permute cropping2d zeroPadding2d activation reLU leakyReLU elu prelu softmax
      dropout spatialDropout2d gaussianDropout gaussianNoise batchNormalization groupNormalization layerNormalization
      rmsNormalization unitNormalization localResponseNormalization rescaling normalization resizing centerCrop upSampling2d randomFlip randomRotation
      randomTranslation randomZoom randomAffine randomCrop randomErasing randomBrightness randomContrast add subtract
      multiply average maximum minimum concatenate l1 l2 l1l2 customLayer`,
    types: 'Layer CallableLayer CustomLayerOptions CustomWeight LayerFormula',
  },
  {
    id: 'losses',
    title: 'Losses',
    about:
      'What training makes small. `compile` takes a loss by its name, by factory where it has options, or one of your own.',
    names: `sparseCategoricalCrossentropy categoricalCrossentropy binaryCrossentropy meanSquaredError customLoss`,
    types: 'Loss LossName',
  },
  {
    id: 'mixing',
    title: 'Mixing',
    about: 'Training on mixed pictures: give `compile` one as its `mixing`, or a list of which each step takes one.',
    names: 'mixup cutMix',
    types: 'Mixing MixingOptions',
  },
  {
    id: 'metrics',
    title: 'Metrics',
    about: 'What is watched beside the loss. `compile` takes a metric by its name, or by factory where it has options.',
    names: `precision recall f1Score fBetaScore auc binaryAccuracy topKCategoricalAccuracy sparseTopKCategoricalAccuracy
      truePositives falsePositives trueNegatives falseNegatives precisionAtRecall recallAtPrecision
      sensitivityAtSpecificity specificityAtSensitivity metricFromConfig confusionMatrix classScores predictedClasses
      topKAccuracy calibrationError`,
    types: 'Metric MetricName MetricClass MetricResult MetricValues ThresholdMetricOptions AucOptions F1Options',
  },
  {
    id: 'optimizers',
    title: 'Optimizers',
    about: 'How weights follow their gradients. `compile` takes an optimizer by its name, or by factory with options.',
    names: 'sgd rmsprop adam adamw adamax nadam adagrad adadelta lion muon',
    types: 'Optimizer OptimizerName',
  },
  {
    id: 'schedules',
    title: 'Schedules',
    about: 'Learning rates that change from step to step: give one to an optimizer as its `learningRate`.',
    names: `byEpoch cosineDecay cosineDecayRestarts exponentialDecay inverseTimeDecay oneCycle piecewiseConstantDecay
      polynomialDecay polynomialRamp`,
    types: 'Schedule',
  },
  {
    id: 'callbacks',
    title: 'Callbacks and events',
    about:
      'What happens between epochs: stopping early, keeping the best model, logging. Any object with the right methods is one.',
    names: `earlyStopping modelCheckpoint reduceLROnPlateau learningRateScheduler csvLogger tensorBoard terminateOnNaN
      progressBar stochasticWeightAveraging`,
    types: 'Callback CallbackState WeightAveragingOptions Training History EpochRecord Logs TrainEvent TrainListener',
  },
  {
    id: 'data',
    title: 'Data and pictures',
    about: 'Data sets, arrays and picture files, and how a picture becomes what a model takes.',
    names: `loadDataset datasetNames generateShapes memorySource generatedSource takeFirst pictureOf splitValidation toCategorical
      readPicture decodePicture classifyStream writePng datasetFromFolder datasetFromFiles pictureFolder pictureToInput parseSpec specOf`,
    types: `Dataset LoadedDataset Split PictureSource MemorySource MemoryPictures GeneratedPictures PictureShape DatasetChoice
      LoadDatasetOptions ArrayLikeInput NdArray LabelledSamples LabelledPictures TrainingData Picture PictureLike
      PictureBytes AnyPicture BlobLike DrawableLike PreprocessSpec PictureInput InputOptions
      PictureFolder PictureClass SkippedEntry FolderOptions OwnDataset CopiedPicture DecodeProgress SetFinding SetFindingKind
      ChosenFile FilesDataset FilesDatasetOptions`,
  },
  {
    id: 'explain',
    title: 'Explain',
    about: 'Look inside a trained model: what it sees where, and why. `openModel` comes first.',
    names: `openModel gradCam gradCamOf guidedGradient occlusion occlusionByPixel strongestPatches receptiveField
      convolutionByHand channelPlane channelPlanes filterPlanes colourFilters filterPlane poolPlane termsAt kernelNames
      namedKernel planeFrom planeFromText rowsOf valueAt stretchPlane planePicture planeToPicture planeInColour
      gradientPicture heatOver mosaic pictureGrid enlarged outlined movedPictures turnedPictures`,
    types: `OpenModel Openable AskedPicture AskedClass MapOfPicture LayerValue GradientTarget OcclusionMap OcclusionOptions FilterPatches Patch
      StrongestPatchesOptions ReceptiveField Rectangle ConvolutionByHand Plane ChannelName KernelName FilterOptions
      FilterPadding PoolFn OutputTerms Colour GridOptions`,
  },
  {
    id: 'recipes',
    title: 'Recipes',
    about: 'Published classifiers as data: train one from the data set to the test accuracy.',
    names: 'recipes recipe recipeFromJson runRecipe',
    types: 'RecipeConfig RecipeRun RunRecipeOptions ValidationRule TrainReport EpochReport',
  },
  {
    id: 'files',
    title: 'Files',
    about: 'Saved models as bytes, and where files lie. For everyday use there are `save` and `loadModel`.',
    names: `encodeModelFile decodeModelFile encodeSafetensors decodeSafetensors weightsSha256 nodeFiles memoryFiles
      addModelFormats modelFormats exportOnnx loadTorchWeights`,
    types:
      'ModelFile NamedWeight LayerWithWeights ModelSource LoadModelOptions ReadLimits TrainingState TrainingClass OutputTraining ModelFormat OpenedFile WriteModel WrittenModel TensorFile StoredTensor Files Json OnnxOptions TorchOptions TorchReport',
  },
  {
    id: 'devices',
    title: 'Devices',
    about: 'What computes: WebAssembly with threads, or a slow reference in double precision.',
    names: 'wasmDevice referenceDevice',
    types: 'Device Program ProgramInfo Numerics Host',
  },
  {
    id: 'errors',
    title: 'Errors',
    about: 'What is thrown when something cannot be used, and what its message holds.',
    names: 'UserError PictureError InternalError',
    types: 'Problem',
  },
  {
    id: 'server',
    title: 'Over HTTP',
    about: 'Classifiers behind an address: a handler for any JavaScript server, and a server for Node.',
    names: 'serve startServer',
    types:
      'Servable ServedRows ServedTensor Explanation ServeOptions Handler ServerOptions RunningServer RequestRecord',
  },
  {
    id: 'terminal',
    title: 'In the terminal',
    about: 'Pictures and curves as text, and what `--json` of the command line prints.',
    names: 'drawHalfBlocks drawBrailleChart',
    types: `HalfBlockOptions ColourDepth ChartLine ChartOptions TextOutput SummaryDocument InspectDocument ExportDocument RecipesDocument DataDocument
      SplitDocument EvaluateDocument EnsembleDocument MeasuredProbabilities PredictDocument PicturePrediction ModelAnswer FailedPicture PredictThreshold FindLrDocument SweepDocument SweepTrial SweepWinner CompareDocument ComparedRun ComparedGroup
      CompareVerdict ReportDocument ReviewDocument AgainDocument ThenDocument DiagnoseDocument ExplainDocument PatchesDocument ByHandDocument FilterDocument
      FilterResult ServeDocument ShiftTestDocument ShiftTestModel DoctorDocument VersionDocument HelpDocument ErrorDocument`,
  },
]

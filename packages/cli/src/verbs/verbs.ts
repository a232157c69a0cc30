/**
 * All verbs, in the order of a first visit: name, summary and where the code is. The list of verbs needs no code of any, and a call
 * loads only that of its own verb: a short answer comes at once.
 */
import type { Verb, VerbCode } from '../command/command.ts'

export const verbs: readonly Verb[] = [
  verb(
    'recipes',
    'what can be trained; one recipe as a configuration to change',
    async () => (await import('./recipes.ts')).recipes,
  ),
  verb(
    'summary',
    'the layers, shapes and parameters of a recipe, a saved model or a run',
    async () => (await import('./summary.ts')).summary,
  ),
  verb(
    'train',
    'train a recipe, or a network for a folder of your own pictures, into a run directory',
    async () => (await import('./train.ts')).train,
  ),
  verb(
    'find-lr',
    'a learning rate to begin with: the loss while the rate rises',
    async () => (await import('./find-lr.ts')).findLr,
  ),
  verb(
    'sweep',
    'search for better numbers of a recipe: trials, the best of which go on; several processes share one',
    async () => (await import('./sweep.ts')).sweep,
  ),
  verb(
    'evaluate',
    'loss, accuracy and confusion matrix of a saved model or a run on a test set',
    async () => (await import('./evaluate.ts')).evaluate,
  ),
  verb(
    'predict',
    'what a saved model or a run sees in picture files',
    async () => (await import('./predict.ts')).predict,
  ),
  verb(
    'compare',
    'put recipes and runs side by side: recipes are trained, run directories are not trained again',
    async () => (await import('./compare.ts')).compare,
  ),
  verb('report', 'a run, or several side by side, as one HTML page', async () => (await import('./report.ts')).report),
  verb(
    'review',
    'look through your own pictures of a run: mend labels, set pictures aside, take it back',
    async () => (await import('./review.ts')).review,
  ),
  verb(
    'diagnose',
    'what the curves of a run say, and what to change',
    async () => (await import('./diagnose.ts')).diagnose,
  ),
  verb(
    'explain',
    'what a model sees in a picture: feature maps, filters, Grad-CAM, a convolution by hand',
    async () => (await import('./explain.ts')).explain,
  ),
  verb(
    'filter',
    'what a convolution, a pooling, a colour channel shows of a picture',
    async () => (await import('./filter.ts')).filter,
  ),
  verb(
    'shift-test',
    'accuracy when the same pictures are moved or turned: an MLP and a CNN side by side',
    async () => (await import('./shift-test.ts')).shiftTest,
  ),
  verb(
    'inspect',
    'what is in a model file of any program: layers, shapes, classes, who wrote it',
    async () => (await import('./inspect.ts')).inspect,
  ),
  verb(
    'export',
    'a saved model or a run as a file for other programs: Keras, TensorFlow.js, ONNX',
    async () => (await import('./export.ts')).exportModel,
  ),
  verb(
    'serve',
    'answers over HTTP: pictures, and clients of TensorFlow Serving, KServe and Triton',
    async () => (await import('./serve.ts')).serve,
  ),
  verb(
    'data',
    'fetch, check and describe a data set; --show draws its pictures',
    async () => (await import('./data.ts')).data,
  ),
  verb(
    'doctor',
    'what this machine offers: SIMD, threads, memory, versions',
    async () => (await import('./doctor.ts')).doctor,
  ),
  verb('help', 'what can be done, or how one verb is used', async () =>
    (await import('../command/help.ts')).helpCommand(verbs),
  ),
]

function verb(name: string, summary: string, code: () => Promise<VerbCode>): Verb {
  return { name, summary, load: async () => ({ name, summary, ...(await code()) }) }
}

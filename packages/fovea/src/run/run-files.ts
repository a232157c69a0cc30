/**
 * The files of a run directory.
 *
 *     run.jsonl          every event, one a line        last.ckpt                     to go on from; last-before.ckpt: where it is damaged
 *     best.safetensors   the model of the best epoch    test-predictions.safetensors  probabilities, labels, pictures
 *     model.safetensors  the last model (recipes that test that)     result.json      the numbers of the result
 *     report.html        what the command line draws of all that  comparison.html  the same beside other runs
 *     samples.safetensors   pictures of the data, kept from the beginning
 *     pictures.json   the files of own pictures, row for row, and their classes
 *     pictures.csv    the table that a run learned which went on with other pictures (file, label, part)
 *     embeddings.safetensors   own pictures as the network sees them, what the others say of their labels, small copies
 *     labels.jsonl    what was said of them since, a change a line
 */
export const runFiles = {
  events: 'run.jsonl',
  best: 'best.safetensors',
  model: 'model.safetensors',
  checkpoint: 'last.ckpt',
  checkpointBefore: 'last-before.ckpt',
  samples: 'samples.safetensors',
  pictures: 'pictures.json',
  table: 'pictures.csv',
  embeddings: 'embeddings.safetensors',
  labels: 'labels.jsonl',
  predictions: 'test-predictions.safetensors',
  result: 'result.json',
  report: 'report.html',
  comparison: 'comparison.html',
} as const

/** Names of the files in a run directory. */
export const runFiles = {
  events: 'run.jsonl',
  best: 'best.safetensors',
  model: 'model.safetensors',
  checkpoint: 'last.ckpt',
  samples: 'samples.safetensors',
  predictions: 'test-predictions.safetensors',
  result: 'result.json',
  report: 'report.html',
  comparison: 'comparison.html',
} as const

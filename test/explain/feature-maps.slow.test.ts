/** Deep networks of the zoo, with branches. */
import { compareFeatureMaps } from './feature-maps.testing.ts'

compareFeatureMaps([
  ['resnet20', [13, 12, 3], 10],
  ['googlenet', [33, 32, 3], 7],
])

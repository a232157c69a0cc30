/** Small networks of the zoo on small pictures of odd sizes, grey and colour. */
import { compareFeatureMaps } from './feature-maps.testing.ts'

compareFeatureMaps([
  ['mnist-mlp', [8, 8, 1], 10],
  ['mnist-cnn', [12, 11, 1], 2],
  ['mnist-cnn-course', [20, 20, 1], 10],
  ['lenet5', [32, 32, 1], 10],
  ['cifar10-cnn', [16, 16, 3], 100],
  ['cifar10-cnn-optimized', [8, 9, 3], 10],
])

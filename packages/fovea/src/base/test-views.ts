/** Which views of a picture a model is asked about, whose mean is its answer: their names. What is done with them is in network/views-of-input. */
import { oneOf, type Schema } from './schema.ts'

/**
 * `mirror`: the picture and its mirror image. `shifts`: the picture with half the weight, and moved by a pixel up and left, down and right.
 * `mirror+shifts`: these three and their mirror images (Jordan 2024, "94% on CIFAR-10 in 3.29 seconds on a single GPU", multi-crop).
 */
export type TestViews = 'mirror' | 'shifts' | 'mirror+shifts'

export const testViewNames: readonly TestViews[] = ['mirror', 'shifts', 'mirror+shifts']
export const testViews: Schema<TestViews> = oneOf(testViewNames)

/** What the mean is taken over, as people read it. */
export const testViewsText: Readonly<Record<TestViews, string>> = {
  mirror: 'each picture and its mirror image',
  shifts: 'each picture as it is and moved by a pixel',
  'mirror+shifts': 'each picture as it is and moved by a pixel, and the mirror images of these',
}

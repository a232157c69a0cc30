/** Op cases of the heavy operations in memory that lies across 2 GiB or beyond. */
import { arena, describeHighAddresses } from './high-addresses.testing.ts'

describeHighAddresses(
  [
    ['across 2 GiB, a little into the arena', 2 ** 31, arena, 2000],
    ['across 2 GiB, further into the arena', 2 ** 31, arena, 9000],
    ['across 2 GiB within the feeds', 2 ** 31, plan => plan.feedStart, 1500],
    ['beyond 3 GiB', 3.5 * 2 ** 30, arena, 0],
  ],
  1,
)

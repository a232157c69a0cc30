/** Some op cases in memory that lies across 2 GiB; the slow suite has more. */
import { arena, describeHighAddresses } from './high-addresses.testing.ts'

describeHighAddresses([['across 2 GiB, a little into the arena', 2 ** 31, arena, 2000]], 6)

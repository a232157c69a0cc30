/** `npm run build`: every package's dist from its src, when anything changed. */
import { build, install } from './setup.mjs'

install()
build()

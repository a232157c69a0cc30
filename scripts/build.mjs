/** `npm run build`: dist from src, when anything changed. */
import { build, install } from './setup.mjs'

install()
build()

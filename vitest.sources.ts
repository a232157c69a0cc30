/** Packages of this repository import each other's sources in tests, not what was built of them. */
const conditions = ['fovea-source', 'module', 'node', 'development']

export const sources = { resolve: { conditions }, ssr: { resolve: { conditions } } }

/** Packages of this repository import each other's sources in tests, not what was built of them. */
const conditions = ['fovea-source', 'module', 'node', 'development']

export const sources = { resolve: { conditions }, ssr: { resolve: { conditions } } }

/** What is waited for may take long on a busy machine: a second, as vitest has it, is too short for a page. */
export const patience = { expect: { poll: { timeout: 60_000 } } }

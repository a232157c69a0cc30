/** The scripts of pages, each in one file that the build makes. */
import { readFileSync } from 'node:fs'

export function pageScript(name: 'figures-page' | 'live-page' | 'review-page'): string {
  return readFileSync(new URL(`../../dist/report/${name}.js`, import.meta.url), 'utf8')
}

/** The scripts of pages, each in one file that the build makes. */
import { readFileSync } from 'node:fs'

export type PageName = 'figures-page' | 'live-page' | 'review-page' | 'classifier-page' | 'classifier-file-page'

export function pageScript(name: PageName): string {
  return readFileSync(new URL(`../../dist/report/${name}.js`, import.meta.url), 'utf8')
}

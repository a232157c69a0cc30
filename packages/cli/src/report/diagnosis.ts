/** What the curves say, in words. */
import { type Finding, nameOfFinding } from 'fovea/internal/diagnosis/finding'
import { escaped } from './svg.ts'

export function findingsHtml(findings: readonly Finding[]): string {
  const items = findings.map(
    ({ kind, evidence, advice }) =>
      `<li><strong>${nameOfFinding(kind)}</strong>: ${escaped(evidence)}<br>${escaped(advice)}</li>`,
  )
  return `<ul class="findings">${items.join('')}</ul>`
}

/** What the curves say, in words. */
import type { Section } from './figure.ts'
import type { ReportRun } from './report-run.ts'
import { escaped } from './svg.ts'

export function diagnosisSection({ findings }: ReportRun): Section {
  const items = findings.map(
    ({ kind, evidence, advice }) =>
      `<li><strong>${kind.replaceAll('-', ' ')}</strong>: ${escaped(evidence)}<br>${escaped(advice)}</li>`,
  )
  return {
    id: 'diagnosis',
    title: 'What the run says',
    html: `<ul class="findings">${items.join('')}</ul>`,
    figures: [],
  }
}

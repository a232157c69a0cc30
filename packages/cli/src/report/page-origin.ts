/** Where a page comes from: what was trained when, with which seed and version, and the line for the shell that does it once more. */
import { groupsOf, namesOf } from './comparison-groups.ts'
import type { ReportRun } from './report-run.ts'
import { escaped } from './svg.ts'

interface Origin {
  readonly version: string
  readonly commands?: Readonly<Record<string, string>>
}

export function originHtml(run: ReportRun, { version, commands = {} }: Origin): string {
  return `<p class="origin">${partsOf(run, commands, [`Fovea ${version}`])}</p>`
}

/** A line for each run, after the colour it has in the page. */
export function originsHtml(runs: readonly ReportRun[], { version, commands = {} }: Origin): string {
  const names = namesOf(runs)
  const groups = groupsOf(runs)
  const lines = runs.map((run, index) => {
    const { colour } = groups.find(group => group.runs.includes(run))!
    const title = `<i style="background:${colour}"></i><strong>${escaped(names[index]!)}</strong>`
    return `<li>${title} ${escaped(run.recipe.title)} · ${partsOf(run, commands)}</li>`
  })
  return `<ul class="origin">${lines.join('')}</ul><p class="origin">Fovea ${escaped(version)}</p>`
}

function partsOf(run: ReportRun, commands: Readonly<Record<string, string>>, more: readonly string[] = []): string {
  const command = commands[run.folder]
  return [
    ...(run.date === undefined ? [] : [dateText(run.date)]),
    `seed ${run.recipe.seed}`,
    ...more.map(escaped),
    ...(command === undefined ? [] : [`<code>${escaped(command)}</code>`]),
  ].join(' · ')
}

/** `2026-11-30 11:02 UTC` */
function dateText(date: string): string {
  const text = new Date(date).toISOString()
  return `<time datetime="${text}">${text.slice(0, 10)} ${text.slice(11, 16)} UTC</time>`
}

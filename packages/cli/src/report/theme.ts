/**
 * The colours of a report, as CSS custom properties: one set for light pages, one for dark. Figures name the property, so one drawing
 * serves both; a figure that leaves the page as a file gets the light values written in. Series 1 and 2 (blue and orange) stay apart
 * for readers who cannot tell red from green; every pair of text and ground has a contrast of at least 4.5.
 */
export const themeColours = {
  light: {
    '--paper': '#ffffff',
    '--ink': '#1c2128',
    '--faint': '#5d6673',
    '--line': '#d5dae1',
    '--panel': '#f5f7f9',
    '--right': '#1f5fd0',
    '--wrong': '#c4281c',
    '--series-1': '#1f6fd6',
    '--series-2': '#b75300',
    '--series-3': '#14806a',
    '--series-4': '#8a4bc9',
    '--series-5': '#b03a78',
    '--series-6': '#6b6f1f',
  },
  dark: {
    '--paper': '#14171c',
    '--ink': '#e4e8ee',
    '--faint': '#9aa4b2',
    '--line': '#343b45',
    '--panel': '#1d2229',
    '--right': '#7fb0ff',
    '--wrong': '#ff8a7a',
    '--series-1': '#6aa8ff',
    '--series-2': '#ff9d4a',
    '--series-3': '#4cc9ab',
    '--series-4': '#c097f2',
    '--series-5': '#f08abf',
    '--series-6': '#c3c75a',
  },
} as const

export type ThemeColour = keyof (typeof themeColours)['light']

/** How a figure names a colour: `var(--ink)`. */
export function colour(name: ThemeColour): string {
  return `var(${name})`
}

/** Colours of several runs or curves, in order; beyond the sixth they begin again. */
export function seriesColour(index: number): string {
  return `var(--series-${(index % 6) + 1})`
}

/** A figure that stands alone, as files need it: on white, its colours written out. */
export function standaloneSvg(svg: string): string {
  const { light } = themeColours
  return svg
    .replace(/var\((--[a-z0-9-]+)\)/g, (whole, name: string) => light[name as ThemeColour] ?? whole)
    .replaceAll('currentColor', light['--ink'])
    .replaceAll('system-ui, sans-serif', 'DejaVu Sans, sans-serif')
}

export function themeCss(): string {
  const block = (colours: Readonly<Record<string, string>>) =>
    Object.entries(colours)
      .map(([name, value]) => `${name}: ${value}`)
      .join('; ')
  // Paper is light, whatever the screen is.
  return `:root { color-scheme: light; ${block(themeColours.light)} }
@media screen and (prefers-color-scheme: dark) { :root { color-scheme: dark; ${block(themeColours.dark)} } }`
}

/** What the command line draws in a terminal, and the types of its JSON documents. */
export type * from './command/documents.ts'
export type * from './command/ensemble-documents.ts'
export type * from './command/own-pictures-documents.ts'
export type { SweepDocument, SweepTrial, SweepWinner } from './sweep/document.ts'
export type { ChartLine, ChartOptions } from './terminal/braille-chart.ts'
export { drawBrailleChart } from './terminal/braille-chart.ts'
export type { ColourDepth, HalfBlockOptions } from './terminal/half-blocks.ts'
export { drawHalfBlocks } from './terminal/half-blocks.ts'

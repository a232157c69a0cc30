/**
 * A picture is a table of numbers: one for each pixel (0 is black, 255 white) or, in colour, three: how red, green and blue it is. These
 * numbers are all that a network sees.
 */
import { channelPlane, planeInColour, readPicture, rowsOf, writePng } from 'fovea'
import { drawFigure, side } from './figures.js'
import { outputFile, show, target } from './output.js'

// A ring: 16 rows of 16 bytes.
const bytes = drawFigure({ name: 'ring', size: 6 })
/** @type {import('fovea').Picture} */
const grey = { width: side, height: side, channels: 1, data: bytes }
for (const row of rowsOf(channelPlane(grey, 'grey'))) console.log(row.map(value => String(value).padStart(4)).join(''))

// In colour each pixel has three bytes, one after the other: red, green, blue. Here an orange ring on dark blue.
const [orange, blue] = [
  [250, 150, 20],
  [10, 20, 90],
]
const coloured = Uint8Array.from([...bytes].flatMap(byte => (byte > 100 ? orange : blue)))
/** @type {import('fovea').Picture} */
const colour = { width: side, height: side, channels: 3, data: coloured }

// The channels apart: the ring is bright in red, the ground only in blue. planeInColour gives them their colour back.
const [red, green, blues] = /** @type {const} */ (['red', 'green', 'blue']).map(name =>
  planeInColour(channelPlane(colour, name), name),
)
console.log('\nin colour, and its red, green and blue channel:')
show(colour, red, green, blues)

// The eye is most sensitive to green and least to blue, so grey = 0.299 R + 0.587 G + 0.114 B.
const [ringGrey, groundGrey] = [orange, blue].map(([r, g, b]) => Math.round(0.299 * r + 0.587 * g + 0.114 * b))
const computed = channelPlane(colour, 'grey').data
console.log(`\norange is ${ringGrey} in grey, dark blue ${groundGrey}`)

// A PNG file keeps every byte.
const file = outputFile('ring.png')
await writePng(file, colour)
const again = await readPicture(file)
console.log(`written to ${file} and read back`)

const sameBytes = Buffer.compare(again.data, colour.data) === 0
const sameGreys = computed.every((value, pixel) => value === (bytes[pixel] > 100 ? ringGrey : groundGrey))
target('the file holds the same bytes, and every grey follows the formula', sameBytes && sameGreys)

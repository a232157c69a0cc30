/**
 * Exercise 1. Make a data set in which discs are rare: one in twenty. Hold out a fifth of it, once by lot and once stratified. How many
 * discs does each held-out part have, over ten seeds?
 */
import { splitValidation, takeFirst } from 'fovea'
import { figures } from '../figures.js'
import { bars, target } from '../output.js'

const { train } = figures({ train: 400 })
// The classes take turns, so class 0 is every fourth picture: of those, one in six stays a disc; the others are told to be squares.
const labels = train.labels.map((label, index) => (label === 0 && index % 24 !== 0 ? 1 : label))
const rare = takeFirst({ ...train, labels }, 340)
const discsIn = (/** @type {{ labels: ArrayLike<number> }} */ part) =>
  Array.from(part.labels).filter(label => label === 0).length

const counts = /** @type {const} */ (['seeded', 'stratified']).map(kind =>
  Array.from({ length: 10 }, (_, seed) => discsIn(splitValidation(rare, { fraction: 0.2, kind, seed }).validation)),
)
const [byLot, stratified] = counts
console.log(`${discsIn(rare)} discs of ${rare.count} pictures; a fifth of them are ${discsIn(rare) / 5}`)
console.log(`held out by lot: ${byLot.join(' ')}\nstratified:      ${stratified.join(' ')}`)

// With few pictures of a class, chance decides whether its accuracy can be measured at all.
const range = (/** @type {number[]} */ values) => Math.max(...values) - Math.min(...values)
bars('fewest discs that were held out', { 'by lot': Math.min(...byLot), stratified: Math.min(...stratified) }, String)
target(
  'by lot the number changes from seed to seed, stratified it does not',
  range(byLot) > 0 && range(stratified) === 0,
)

import { expect, test } from 'vitest'
import { bracketsOf, isOut, type Ladder, openPieces, type Piece, rungEpochs, rungsFor } from './halving.ts'

/** The pieces of a whole sweep, in the order in which so many workers do them, each a random one of those that are open. */
function run(ladder: Ladder, worth: (piece: Piece) => number | null, choose: (count: number) => number): Piece[] {
  const results = new Map<string, number | null>()
  const worthOf = ({ trial, rung }: Piece) => results.get(`${trial}/${rung}`)
  const order: Piece[] = []
  for (;;) {
    const { pieces, done } = openPieces(ladder, worthOf)
    if (done) return order
    const piece = pieces[choose(pieces.length)]!
    expect(isOut(ladder, piece.trial, worthOf)).toBe(false)
    results.set(`${piece.trial}/${piece.rung}`, worth(piece))
    order.push(piece)
  }
}

const sorted = (pieces: readonly Piece[]) => pieces.map(({ trial, rung }) => `${rung}/${trial}`).sort()

test('rungs lie at thirds of the epochs, as many as trials and epochs have room for', () => {
  expect([rungsFor(27, 10), rungsFor(9, 10), rungsFor(8, 10), rungsFor(2, 10)]).toEqual([3, 3, 2, 1])
  expect([rungsFor(27, 4), rungsFor(27, 3), rungsFor(27, 2), rungsFor(27, 1)]).toEqual([2, 2, 2, 1])
  expect([0, 1, 2].map(rung => rungEpochs(10, rung, 3))).toEqual([1, 3, 10])
  expect([0, 1, 2].map(rung => rungEpochs(350, rung, 3))).toEqual([39, 117, 350])
})

test('a bracket has nine trials, the last one also what is left', () => {
  expect(bracketsOf({ trials: 20, rungs: 3 }).map(bracket => bracket.length)).toEqual([9, 11])
  expect(bracketsOf({ trials: 4, rungs: 1 })).toEqual([[0], [1], [2], [3]])
  expect(bracketsOf({ trials: 4, rungs: 2 })).toEqual([[0, 1, 2, 3]])
})

test('nine trials: all begin, three go on, one comes to the end; equal ones in their order', () => {
  const pieces = run(
    { trials: 9, rungs: 3 },
    ({ trial }) => [5, 1, 8, 8, 2, 8, 0, 3, 8][trial]!,
    () => 0,
  )
  expect(pieces.filter(({ rung }) => rung === 1).map(({ trial }) => trial)).toEqual([2, 3, 5])
  expect(pieces.filter(({ rung }) => rung === 2).map(({ trial }) => trial)).toEqual([2])
})

test('who does what in which order changes nothing', () => {
  const worth = ({ trial, rung }: Piece) => (trial % 7 === 3 ? null : ((trial * 37 + rung * 11) % 101) / 101)
  const ladder = { trials: 23, rungs: 3 }
  const first = sorted(run(ladder, worth, () => 0))
  let state = 1
  for (let round = 0; round < 20; round++) {
    const pieces = run(ladder, worth, count => {
      state = (state * 48271) % 2147483647
      return state % count
    })
    expect(sorted(pieces)).toEqual(first)
  }
})

test('where all break down, nothing goes on', () => {
  expect(
    run(
      { trials: 9, rungs: 3 },
      () => null,
      () => 0,
    ),
  ).toHaveLength(9)
})

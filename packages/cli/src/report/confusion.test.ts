import { confusedPairs } from 'fovea/internal/objectives/confused-pairs'
import { describe, expect, it } from 'vitest'
import { cellSheet } from './cell-sheet.ts'
import { confusionSection, countsOf } from './confusion.ts'
import { elementsOf, placeOf, plainTools, smallRun, smallTest, textsOf } from './report-run.testing.ts'

/** Of cats (0): two right, three taken for dogs (1). Of dogs: one right, one taken for a bird (2). Of birds: one right. */
const test = smallTest([
  [0, 0, 0.9],
  [0, 1, 0.6],
  [1, 1, 0.8],
  [0, 1, 0.7],
  [1, 2, 0.5],
  [2, 2, 0.9],
  [0, 0, 0.75],
  [0, 1, 0.55],
])
const section = (changes: Parameters<typeof smallRun>[0] = { test }) =>
  confusionSection(smallRun(changes), plainTools)[0]!

describe('confusion matrix', () => {
  it('has true classes as rows and predicted ones as columns', () => {
    expect(countsOf(test)).toEqual([
      [2, 3, 0],
      [0, 1, 1],
      [0, 0, 1],
    ])
    expect(confusedPairs(countsOf(test))).toEqual([
      { truth: 0, predicted: 1, count: 3, share: 0.6 },
      { truth: 1, predicted: 2, count: 1, share: 0.5 },
    ])
  })

  it('draws the cells that occur where they belong, with their numbers', () => {
    const { svg, alt } = section().figures[0]!
    const texts = elementsOf(svg, 'text').filter(text => text.textContent === '3')
    const names = elementsOf(svg, 'text')
    const column = names.filter(text => text.textContent === 'dog').map(text => placeOf(text).x)
    const row = names.filter(text => text.textContent === 'cat').map(text => placeOf(text).y)
    const place = placeOf(texts[0]!)
    expect(texts).toHaveLength(1)
    expect(column).toContain(place.x)
    expect(row).toContain(place.y)
    expect(textsOf(svg)).not.toContain('0')
    expect(alt).toBe(
      'Confusion matrix of 8 test pictures in 3 classes, 4 of them right. Most frequent mistakes: cat taken for dog (3 times), dog taken for bird (once).',
    )
  })

  it('colours right cells by their share, wrong ones by the most frequent mistake', () => {
    const { svg } = section().figures[0]!
    const darkness = (ground: string) =>
      elementsOf(svg, `g[fill="var(${ground})"] rect`).map(rect => Number(rect.getAttribute('fill-opacity')))
    expect(darkness('--right').map(value => Number(value.toFixed(3)))).toEqual([0.23, 0.275, 0.5])
    // Once against three times: 0.05 + 0.45 · (1/3)^0.7, written with two digits.
    expect(darkness('--wrong').map(value => Number(value.toFixed(3)))).toEqual([0.5, 0.25])
  })

  it('opens the pictures behind a cell: probability, number, place on the sheet', () => {
    const { html } = section()
    const links = elementsOf(html, 'svg a').map(link => link.getAttribute('href') ?? link.getAttribute('xlink:href'))
    expect(links.sort()).toEqual(['#cell-0-0', '#cell-0-1', '#cell-1-1', '#cell-1-2', '#cell-2-2'])
    const [panel] = elementsOf(html, '#cell-0-1')
    expect(panel!.querySelector('h3')!.textContent).toBe('Largest mistake: true cat, predicted dog')
    expect(panel!.querySelector('p')!.textContent).toContain('3 pictures, 60.0 % of cat')
    expect([...panel!.querySelectorAll('li')].map(tile => tile.textContent)).toEqual(['60 %', '70 %', '55 %'])
    expect(panel!.querySelector('i')!.getAttribute('aria-label')).toBe('picture 1 of the test, cat')
    expect(panel!.querySelector('i')!.getAttribute('style')).toBe('--x:0;--y:0')
    expect([...panel!.querySelectorAll('li')].map(tile => tile.getAttribute('title'))).toEqual([
      'no. 1 of the test',
      'no. 3 of the test',
      'no. 7 of the test',
    ])
    const closing = elementsOf(html, '#cell-1-2 a')[0]!
    expect(closing.getAttribute('href')).toBe('#figure-confusion')
    // The svg of links is no single picture to a reader.
    expect(elementsOf(html, 'figure svg')[0]!.getAttribute('role')).toBe('group')
  })

  it('has the largest mistake open at first, the first cell where nothing is wrong', () => {
    const opened = (html: string) => elementsOf(html, '.cell.first').map(({ id }) => id)
    expect(opened(section().html)).toEqual(['cell-0-1'])
    const right = smallTest([
      [1, 1, 0.9],
      [2, 2, 0.8],
    ])
    expect(opened(section({ test: right }).html)).toEqual(['cell-1-1'])
    expect(elementsOf(section({ test: right }).html, '.cell.first h3')[0]!.textContent).toBe('dog, rightly predicted')
  })

  it('says what its axes are, the share of each cell, and the sums of rows and columns', () => {
    const texts = elementsOf(section().figures[0]!.svg, 'text')
    const placed = (text: string) => texts.filter(each => each.textContent === text).map(placeOf)
    expect(textsOf(section().figures[0]!.svg)).toEqual(
      expect.arrayContaining(['predicted class', 'true class', '60 %', '40 %', '50 %', '100 %']),
    )
    // Five cats in their row; four predicted dogs in their column; eight of all in the corner.
    const [cats, dogs, all] = ['5', '4', '8'].map(text => placed(text))
    expect([cats, dogs, all].map(each => each!.length)).toEqual([1, 1, 1])
    expect(placed('cat').map(({ y }) => y)).toContain(cats![0]!.y)
    expect(placed('dog').map(({ x }) => x)).toContain(dogs![0]!.x)
    expect([all![0]!.x, all![0]!.y]).toEqual([cats![0]!.x, dogs![0]!.y])
  })

  it('puts the pictures of mistakes first, one a cell before a second, and says how many it leaves out', () => {
    const sheet = cellSheet(test, countsOf(test), plainTools, { characters: 10_000, tiles: 4 })
    // Cats as dogs, dogs as birds, right cats, right dogs; each picture's four bytes are its number.
    // Each is 2 × 2 pixels and begins at a multiple of 8, its border repeated up to the next one.
    expect(sheet.url).toBe('data:10x10;1,1,1,1,1,1,1,1,4,4,1,1,1,1,1,1')
    expect(sheet).toMatchObject({ width: 10, tileWidth: 2, tileHeight: 2, across: 8, down: 8 })
    expect([...sheet.cells]).toEqual([
      [1, [{ index: 1, column: 0, row: 0 }]],
      [5, [{ index: 4, column: 1, row: 0 }]],
      [0, [{ index: 0, column: 0, row: 1 }]],
      [4, [{ index: 2, column: 1, row: 1 }]],
    ])
    const all = cellSheet(test, countsOf(test), plainTools, { characters: 10_000, tiles: 100 })
    expect(all.cells.get(1)!.map(({ index }) => index)).toEqual([1, 3, 7])
  })

  it('keeps the sheet below its bound', () => {
    const asLong = { pictureUrl: ({ data }: { data: Uint8Array }) => 'x'.repeat(data.length) }
    const sheet = cellSheet(test, countsOf(test), asLong, { characters: 25, tiles: 100 })
    expect(sheet.url.length).toBeLessThanOrEqual(25)
    expect(sheet.cells.has(1)).toBe(true)
    const { html } = section({ test: { ...test, pictureIndices: [1] } })
    expect(elementsOf(html, '#cell-0-1')[0]!.textContent).toContain('3 pictures, 60.0 % of cat, the first 1')
    expect(elementsOf(html, 'svg a')).toHaveLength(1)
  })

  it('of 100 classes has no numbers and thins its names; of 2 classes it has both', () => {
    const rows = Array.from({ length: 300 }, (_, row) => [row % 100, (row * 7) % 100, 0.5] as const)
    const names = Array.from({ length: 100 }, (_, index) => `class ${index}`)
    const many = section({ test: smallTest(rows, 100), classNames: names })
    const texts = textsOf(many.figures[0]!.svg)
    expect(texts.length).toBeLessThan(80)
    expect(texts.filter(text => !text.startsWith('class ')).sort()).toEqual(['predicted class', 'true class'])
    const two = smallTest(
      [
        [0, 1, 0.9],
        [1, 1, 0.8],
        [1, 1, 0.7],
      ],
      2,
    )
    const few = section({ test: two, classNames: ['no', 'yes'] })
    expect(textsOf(few.figures[0]!.svg).sort()).toEqual(
      [
        ...['1', '2', '100 %', '100 %', 'no', 'no', 'yes', 'yes'],
        ...['1', '2', '3', '3', '0', 'predicted class', 'true class'],
      ].sort(),
    )
  })

  it('tells a long name whole where it is pointed at, on both axes', () => {
    const { svg } = section({ test, classNames: ['Bernese mountain dog', 'dog', 'bird'] }).figures[0]!
    const long = elementsOf(svg, 'text').filter(text => text.textContent!.startsWith('Bernese mountai…'))
    expect(long.map(text => text.querySelector('title')?.textContent)).toEqual([
      'Bernese mountain dog',
      'Bernese mountain dog',
    ])
  })

  it('is left out of a run without a test, and escapes names', () => {
    expect(confusionSection(smallRun(), plainTools)).toEqual([])
    const { html } = section({ test, classNames: ['<b>', 'dog', 'bird'] })
    expect(html).not.toContain('<b>')
  })
})

it('calls the user’s own pictures by their files', () => {
  const testFiles = Array.from({ length: test.count }, (_, row) => `cats & dogs/photo number ${row}.jpg`)
  const [panel] = elementsOf(section({ test, testFiles }).html, '#cell-0-1')
  expect([...panel!.querySelectorAll('li')].map(tile => tile.getAttribute('title'))).toEqual(
    [1, 3, 7].map(row => `cats & dogs/photo number ${row}.jpg`),
  )
  expect([...panel!.querySelectorAll('.file')].map(file => file.textContent)).toEqual([
    'pho… 1.jpg',
    'pho… 3.jpg',
    'pho… 7.jpg',
  ])
  expect(panel!.querySelector('i')!.getAttribute('aria-label')).toBe('cats & dogs/photo number 1.jpg, cat')
})

/**
 * The architecture as a test: rooms and who may import whom (src/rooms.json), no import cycles, short files, and portable rooms that
 * touch neither Node nor the DOM (what differs between the two comes in through `Host`).
 */
import { spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, posix } from 'node:path'
import { describe, expect, test } from 'vitest'
import { layerFactories } from '../src/layers/registry.ts'
import { parseSource, root, type SourceFile, sourceFiles } from './source-files.testing.ts'

/** In the order in which data flow: what lives there, and the rooms it may import besides itself; `:types` allows type imports only. */
const table: readonly { readonly room: string; readonly lives: string; readonly imports: readonly string[] }[] =
  JSON.parse(readFileSync(join(root, 'src/rooms.json'), 'utf8'))
const rooms = Object.fromEntries(table.map(({ room, imports }) => [room, imports]))
/** Rooms that no browser entry reaches, with the packages they may use: the report draws with a plotting library, on a document of its own. */
const packagesOf: Record<string, readonly string[]> = { report: ['@observablehq/plot', 'linkedom'] }
const portable = Object.keys(rooms).filter(room => !(room in packagesOf))
const edges: Record<string, readonly string[]> = {
  host: portable,
  // The script of the report's page, bundled for browsers.
  page: ['base', 'preprocess', 'explain', 'runtime', 'report:types'],
  cli: [...Object.keys(rooms), 'host'],
  'index.ts': [...Object.keys(rooms), 'host', 'cli:types'],
  'browser.ts': [...portable, 'host'],
}

const longestFile = 400
/** Files that may be longer, each with its reason. */
const longFiles: Record<string, string> = {}

/** A call takes some hundred thousand arguments: lists become arguments only where they are short, each with its reason. */
const shortLists: Record<string, string> = {
  'src/base/base64.ts': 'pieces of a fixed size',
  'src/cli/explain.ts': 'the layers of one model',
  'src/data/dataset.ts': 'one problem a rule',
  'src/host/node/jpeg-frame.ts': 'at most four channels',
  'src/host/node/jpeg-notes.ts': 'at most four channels',
  'src/host/node/jpeg-scan.ts': 'at most four channels',
  'src/host/node/jpeg.ts': 'at most four channels and their tables',
  'src/host/node/png-chunks.ts': 'four bytes',
  'src/preprocess/input.ts': 'notes on one picture',
  'src/report/network-drawing.ts': 'the boxes of one layer',
  'src/report/network-plan.ts': 'the calls of one layer',
  'src/train/callbacks/callback.ts': 'the methods of one object',
}
/** Rooms whose lists are parts of one model. */
const roomsOfModels = ['graph', 'layers', 'model', 'autodiff', 'plan', 'kernels', 'runtime']

const all = sourceFiles('src', 'test', 'scripts', 'bench')
const isTest = (file: SourceFile): boolean => /\.(test|testing)\.ts$/.test(file.path) || !file.path.startsWith('src/')
const sources = all.filter(file => !isTest(file))
const paths = new Set(all.map(file => file.path))

const roomOf = (path: string): string => path.split('/')[1]!
const isLocal = (specifier: string): boolean => specifier.startsWith('.')
const targetOf = (file: SourceFile, specifier: string): string =>
  posix.normalize(posix.join(posix.dirname(file.path), specifier))

function localImports(file: SourceFile) {
  return file.imports
    .filter(({ specifier }) => isLocal(specifier))
    .map(({ specifier, typeOnly }) => ({ target: targetOf(file, specifier), typeOnly }))
}

test('no list of any length becomes the arguments of a call: src/base/extremes.ts and loops take its place', () => {
  const found = sources
    .filter(file => !roomsOfModels.includes(roomOf(file.path)) && spreadsIntoCalls(file.code))
    .map(file => file.path)
  expect(found).toEqual(Object.keys(shortLists))
})

test('no layer is told apart by the name of its type outside its room: its traits say what others must know', () => {
  const names = new Set(Object.keys(layerFactories))
  const found = sources.filter(file => roomOf(file.path) !== 'layers' && file.strings.some(text => names.has(text)))
  expect(found.map(file => file.path)).toEqual([])
})

describe('rooms', () => {
  test('the table in the docs is that of src/rooms.json', () => {
    const { status, stdout } = spawnSync(process.execPath, ['scripts/rooms.mjs', '--check'], {
      cwd: root,
      encoding: 'utf8',
    })
    expect({ status, stdout }).toEqual({ status: 0, stdout: '' })
  })

  test('every file lies in a known room', () => {
    const known = new Set([...Object.keys(rooms), ...Object.keys(edges)])
    expect(sources.filter(file => !known.has(roomOf(file.path))).map(file => file.path)).toEqual([])
  })

  test('the table is read from top to bottom', () => {
    const order = [...Object.keys(rooms), ...Object.keys(edges)]
    for (const [room, allowed] of Object.entries({ ...rooms, ...edges })) {
      for (const other of allowed.map(name => name.split(':')[0]!)) {
        if (room in rooms) expect(order.indexOf(other), `${room} → ${other}`).toBeLessThan(order.indexOf(room))
      }
    }
  })

  test('a room imports only from the rooms it may', () => {
    const violations: string[] = []
    for (const file of sources) {
      const room = roomOf(file.path)
      const allowed = (rooms[room] ?? edges[room])!
      for (const { target, typeOnly } of localImports(file)) {
        const other = roomOf(target)
        const fine = other === room || allowed.includes(other) || (typeOnly && allowed.includes(`${other}:types`))
        if (!fine) violations.push(`${file.path} imports ${typeOnly ? 'types of ' : ''}${target}`)
      }
    }
    expect(violations).toEqual([])
  })

  test('sources never import tests, and every import resolves', () => {
    const violations: string[] = []
    for (const file of all) {
      for (const { target } of localImports(file)) {
        const exists = paths.has(target) || (isTest(file) && existsSync(join(root, target)))
        if (!exists) violations.push(`${file.path} imports ${target}, which does not exist`)
        else if (!isTest(file) && /\.(test|testing)\.ts$/.test(target))
          violations.push(`${file.path} imports ${target}`)
      }
    }
    expect(violations).toEqual([])
  })

  test('no import cycles, types included', () => {
    expect(cyclesAmong(all)).toEqual([])
  })
})

describe('files', () => {
  test(`no file is longer than ${longestFile} lines`, () => {
    const long = all.filter(file => file.lines > longestFile && !(file.path in longFiles))
    expect(long.map(file => `${file.path}: ${file.lines} lines`)).toEqual([])
  })

  test('every named exception still is one', () => {
    const stale = Object.keys(longFiles).filter(path => !all.some(f => f.path === path && f.lines > longestFile))
    expect(stale).toEqual([])
  })

  test('file names are nouns in kebab-case', () => {
    const name = /^[a-z0-9]+(-[a-z0-9]+)*(\.(test|testing|config|d|slow\.test))?\.ts$/
    const odd = all.filter(file => !name.test(posix.basename(file.path)) || /(^|[-/])utils?\b/.test(file.path))
    expect(odd.map(file => file.path)).toEqual([])
  })
})

describe('portability', () => {
  const portableFiles = sources.filter(file => portable.includes(roomOf(file.path)))

  test('portable rooms import no package and no node: module', () => {
    const violations = portableFiles.flatMap(file =>
      file.imports.filter(({ specifier }) => !isLocal(specifier)).map(({ specifier }) => `${file.path}: ${specifier}`),
    )
    expect(violations).toEqual([])
  })

  test('the others import the packages named for them and no node: module', () => {
    const others = sources.filter(file => roomOf(file.path) in packagesOf)
    const violations = others.flatMap(file =>
      file.imports
        .filter(({ specifier }) => !isLocal(specifier) && !packagesOf[roomOf(file.path)]!.includes(specifier))
        .map(({ specifier }) => `${file.path}: ${specifier}`),
    )
    expect(violations).toEqual([])
  })

  test('files that users name are reached through one place, which checks what they are', () => {
    const reach = sources.filter(file => file.imports.some(({ specifier }) => /^node:fs/.test(specifier)))
    expect(reach.map(file => file.path)).toEqual([
      // Files of our own, and a folder that is empty.
      ...['src/cli/live-model.ts', 'src/cli/run-folder.ts', 'src/cli/version.ts', 'src/host/node/address-space.ts'],
      // Its own part files, into the cache.
      'src/host/node/download.ts',
      // The place itself.
      ...['src/host/node/files.ts', 'src/host/node/paths.ts', 'src/host/node/regular-file.ts'],
      'src/host/node/svg-png.ts',
      // Streams an archive that was checked.
      'src/host/node/unpack.ts',
    ])
  })

  test('portable rooms use no global of Node or the DOM: they type-check without either', () => {
    expect(globalsMissing('tsconfig.portable.json')).toEqual([])
  })

  test('every portable room is checked so', () => {
    const { include } = JSON.parse(readFileSync(join(root, 'tsconfig.portable.json'), 'utf8')) as { include: string[] }
    expect(include.slice(1)).toEqual(portable.map(room => `src/${room}`))
  })

  test.each(['src/browser.ts', 'src/page/live.ts'])('nothing that %s needs at run time leaves the browser', entry => {
    const violations: string[] = []
    for (const file of reachableFrom(entry)) {
      if (file.path.startsWith('src/host/node/') || file.path.startsWith('src/cli/')) violations.push(file.path)
      for (const { specifier, typeOnly } of file.imports) {
        if (!isLocal(specifier) && !typeOnly) violations.push(`${file.path}: ${specifier}`)
      }
    }
    expect(violations).toEqual([])
  })
})

test('a saved model is asked without a line of training, gradients or optimizers', () => {
  const reached = new Set(reachableFrom('src/engine/load-predictor.ts').map(({ path }) => roomOf(path)))
  for (const room of ['engine', 'model', 'store']) expect(reached).toContain(room)
  for (const room of ['train', 'classifier', 'optimizer', 'autodiff', 'data']) expect(reached).not.toContain(room)
})

describe('the checks themselves', () => {
  const file = (path: string, text: string): SourceFile => ({ path, ...parseSource(text) })

  test('imports of every form are seen, strings and comments are not', () => {
    const { imports, code } = parseSource(
      [
        "import { a } from './a.ts'",
        "import type { B } from './b.ts'",
        "import { type C, type D } from './c.ts'",
        "import { e, type F } from './e.ts'",
        "export * from './g.ts'",
        "import './h.ts'",
        "// import './no.ts' and process",
        'const text = `process $' + '{window.x} Buffer`',
        "const later = await import('./i.ts')",
        'const pattern = /process"/',
      ].join('\n'),
    )
    expect(imports.map(({ specifier, typeOnly }) => `${specifier} ${typeOnly}`)).toEqual([
      './a.ts false',
      './b.ts true',
      './c.ts true',
      './e.ts false',
      './g.ts false',
      './h.ts false',
      './i.ts false',
    ])
    expect(code).toContain('window.x')
    expect(code).not.toMatch(/process|Buffer/)
  })

  test('a global of Node or the DOM in portable code is found', () => {
    const folder = mkdtempSync(join(tmpdir(), 'fovea-portable-'))
    try {
      const lines = ['process.exit()', 'document.title', 'setTimeout(String)', 'globalThis.window', 'Math.sqrt(2)']
      writeFileSync(join(folder, 'probe.ts'), `export const probe = () => [${lines.join(', ')}]`)
      writeFileSync(
        join(folder, 'tsconfig.json'),
        JSON.stringify({ extends: join(root, 'tsconfig.portable.json'), include: ['probe.ts'] }),
      )
      const found = globalsMissing(join(folder, 'tsconfig.json')).join()
      for (const name of ["'process'", "'document'", "'setTimeout'", "'typeof globalThis'"])
        expect(found).toContain(name)
      expect(found).not.toContain('sqrt')
    } finally {
      rmSync(folder, { recursive: true })
    }
  })

  test('a cycle is found', () => {
    const a = file('src/base/a.ts', "import './b.ts'")
    const b = file('src/base/b.ts', "import type { A } from './a.ts'")
    expect(cyclesAmong([a, b])).toEqual(['src/base/a.ts → src/base/b.ts → src/base/a.ts'])
  })
})

/** The type checker's complaints about unknown names (TS2304 and its variants with hints; TS7017 for `globalThis.name`). */
function globalsMissing(project: string): string[] {
  const tsc = join(root, 'node_modules/typescript/bin/tsc')
  const { stdout } = spawnSync(process.execPath, [tsc, '--noEmit', '--pretty', 'false', '-p', project], {
    cwd: root,
    encoding: 'utf8',
  })
  const unknownName = /error TS(2304|2503|2552|258\d|259\d|2686|2868|7017)/
  return stdout.split('\n').filter(line => unknownName.test(line))
}

/** Whether one of these functions is called with a list as its arguments: `Math.max(...list)`. */
function spreadsIntoCalls(code: string): boolean {
  return [...code.matchAll(/\b(?:Math\.(?:max|min)|push|unshift|fromCharCode|fromCodePoint)\(/g)].some(call => {
    let depth = 1
    for (let at = call.index + call[0].length, begins = true; depth > 0; at++) {
      if (depth === 1 && begins && code.startsWith('...', at)) return true
      if ('([{'.includes(code[at]!)) depth++
      if (')]}'.includes(code[at]!)) depth--
      begins = code[at] === ',' || (begins && /\s/.test(code[at]!))
    }
    return false
  })
}

function cyclesAmong(files: readonly SourceFile[]): string[] {
  const byPath = new Map(files.map(file => [file.path, file]))
  const done = new Set<string>()
  const trail: string[] = []
  const cycles: string[] = []
  const visit = (path: string): void => {
    const start = trail.indexOf(path)
    if (start >= 0) cycles.push([...trail.slice(start), path].join(' → '))
    if (start >= 0 || done.has(path)) return
    trail.push(path)
    const file = byPath.get(path)
    for (const { target } of file ? localImports(file) : []) visit(target)
    trail.pop()
    done.add(path)
  }
  for (const path of byPath.keys()) visit(path)
  return cycles
}

function reachableFrom(entry: string): SourceFile[] {
  const byPath = new Map(all.map(file => [file.path, file]))
  const reached = new Set<string>()
  const queue = byPath.has(entry) ? [entry] : []
  for (const path of queue) {
    if (reached.has(path)) continue
    reached.add(path)
    const imports = byPath.has(path) ? localImports(byPath.get(path)!) : []
    queue.push(...imports.filter(({ typeOnly }) => !typeOnly).map(({ target }) => target))
  }
  return [...reached].flatMap(path => byPath.get(path) ?? [])
}

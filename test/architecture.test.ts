/**
 * The architecture as a test: rooms and who may import whom (packages/rooms.json), no import cycles, short files, and portable rooms that
 * touch neither Node nor the DOM (what differs between the two comes in through `Host`).
 */
import { spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, posix } from 'node:path'
import { describe, expect, test } from 'vitest'
import { layerFactories } from '../packages/fovea/src/layers/registry.ts'
import { parseSource, root, type SourceFile, sourceFiles } from './source-files.testing.ts'

interface Room {
  readonly room: string
  readonly lives: string
  /** The rooms it may import besides itself; `:types` allows type imports only. */
  readonly imports: readonly string[]
  /** Whether it may import what Node brings. */
  readonly node?: boolean
  /** Packages of others that it may import. */
  readonly packages?: readonly string[]
}
interface Package {
  readonly package: string
  readonly rooms: readonly Room[]
}

/** In the order in which data flow. */
const table: readonly Package[] = JSON.parse(readFileSync(join(root, 'packages/rooms.json'), 'utf8'))
const rooms = new Map(table.flatMap(entry => entry.rooms).map(room => [room.room, room]))
const order = [...rooms.keys()]

const longestFile = 400
/** Files that may be longer, each with its reason. */
const longFiles: Record<string, string> = {}

/** A call takes some hundred thousand arguments: lists become arguments only where they are short, each with its reason. */
const shortLists: Record<string, string> = {
  'packages/cli/src/report/network-drawing.ts': 'the boxes of one layer',
  'packages/cli/src/report/network-plan.ts': 'the calls of one layer',
  'packages/cli/src/verbs/explain.ts': 'the layers of one model',
  'packages/fovea/src/base/base64.ts': 'pieces of a fixed size',
  'packages/fovea/src/data/dataset.ts': 'one problem a rule',
  'packages/fovea/src/preprocess/input.ts': 'notes on one picture',
  'packages/fovea/src/train/callbacks/callback.ts': 'the methods of one object',
}
/** Rooms whose lists are parts of one model. */
const roomsOfModels = ['graph', 'layers', 'network', 'autodiff', 'objectives', 'plan', 'kernels', 'targets', 'runtime']
/** Packages that the build copies into a file of ours. */
const copiedPackages = ['modern-tar']
/** Packages without code: files are read out of them. */
const fontPackages: Record<string, readonly string[]> = { '@fovea/cli': ['dejavu-fonts-ttf'] }

const all = sourceFiles('packages', 'test', 'scripts', 'bench')
const isTest = (file: SourceFile): boolean =>
  /\.(test|testing)\.ts$/.test(file.path) || !file.path.startsWith('packages/')
const sources = all.filter(file => !isTest(file))
const paths = new Set(all.map(file => file.path))

/** `packages/fovea/src/plan/types.ts` → `plan`; files beside the rooms are called `fovea/index.ts`. */
function roomOf(path: string): string {
  const [, name, , first] = path.split('/') as [string, string, string, string]
  if (name === 'pictures') return name
  return first.endsWith('.ts') ? `${name}/${first}` : first
}

/** `@zip.js/zip.js/lib/zip-core-native.js` is of `@zip.js/zip.js`. */
const packageOf = (specifier: string): string =>
  specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/')

/** Another package of ours is imported by the path of the source: `fovea/internal/base/text`. */
const ours = /^(?:@fovea\/)?(fovea|pictures|formats|server|cli)\/internal\/(.+)$/
const isLocal = (specifier: string): boolean => specifier.startsWith('.') || ours.test(specifier)
function targetOf(file: SourceFile, specifier: string): string {
  const [, name, path] = ours.exec(specifier) ?? []
  if (name !== undefined) return `packages/${name}/src/${path}.ts`
  return posix.normalize(posix.join(posix.dirname(file.path), specifier))
}

function localImports(file: SourceFile) {
  return file.imports
    .filter(({ specifier }) => isLocal(specifier))
    .map(({ specifier, typeOnly }) => ({ target: targetOf(file, specifier), typeOnly }))
}

test('no list of any length becomes the arguments of a call: packages/fovea/src/base/extremes.ts and loops take its place', () => {
  const found = sources
    .filter(file => !roomsOfModels.includes(roomOf(file.path)) && spreadsIntoCalls(file.code))
    .map(file => file.path)
  expect(found).toEqual(Object.keys(shortLists))
})

test('no layer is told apart by the name of its type outside its room: its traits say what others must know', () => {
  const names = new Set(Object.keys(layerFactories))
  // Formats of others call layers and operations by the same names.
  const mayName = ['layers', ...table.find(entry => entry.package === '@fovea/formats')!.rooms.map(({ room }) => room)]
  const found = sources.filter(
    file => !mayName.includes(roomOf(file.path)) && file.strings.some(text => names.has(text)),
  )
  expect(found.map(file => file.path)).toEqual([])
})

describe('rooms', () => {
  test('the table in the docs is that of packages/rooms.json', () => {
    const { status, stdout } = spawnSync(process.execPath, ['scripts/rooms.mjs', '--check'], {
      cwd: root,
      encoding: 'utf8',
    })
    expect({ status, stdout }).toEqual({ status: 0, stdout: '' })
  })

  test('every file lies in a known room', () => {
    expect(sources.filter(file => !rooms.has(roomOf(file.path))).map(file => file.path)).toEqual([])
  })

  test('every room has files', () => {
    const found = new Set(sources.map(file => roomOf(file.path)))
    expect(order.filter(room => !found.has(room))).toEqual([])
  })

  test('the table is read from top to bottom', () => {
    for (const { room, imports } of rooms.values()) {
      for (const other of imports.map(name => name.split(':')[0]!)) {
        expect(order.indexOf(other), `${room} → ${other}`).toBeLessThan(order.indexOf(room))
        expect(rooms.has(other), other).toBe(true)
      }
    }
  })

  test('a room imports only from the rooms it may, and every row says what is imported', () => {
    const violations: string[] = []
    const used = new Set<string>()
    for (const file of sources) {
      const room = roomOf(file.path)
      const allowed = rooms.get(room)!.imports
      for (const { target, typeOnly } of localImports(file)) {
        const other = roomOf(target)
        const fine = other === room || allowed.includes(other) || (typeOnly && allowed.includes(`${other}:types`))
        if (!fine) violations.push(`${file.path} imports ${typeOnly ? 'types of ' : ''}${target}`)
        used.add(`${room} → ${other}`)
        if (!typeOnly) used.add(`${room} → ${other}, more than types`)
      }
    }
    expect(violations).toEqual([])
    const stale = [...rooms.values()].flatMap(({ room, imports }) =>
      imports
        .filter(
          name =>
            !used.has(
              name.endsWith(':types') ? `${room} → ${name.split(':')[0]}` : `${room} → ${name}, more than types`,
            ),
        )
        .map(name => `${room} → ${name}`),
    )
    expect(stale).toEqual([])
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
  test('a room imports the packages of its row, and what Node brings where its row says so', () => {
    const violations = sources.flatMap(file => {
      const { node = false, packages = [] } = rooms.get(roomOf(file.path))!
      return file.imports
        .filter(({ specifier }) => !isLocal(specifier))
        .filter(({ specifier }) => !(specifier.startsWith('node:') ? node : packages.includes(packageOf(specifier))))
        .map(({ specifier }) => `${file.path}: ${specifier}`)
    })
    expect(violations).toEqual([])
  })

  test.each(table)(
    '$package depends on what its rooms import, and on nothing else',
    ({ package: name, rooms: own }) => {
      const folder = `packages/${name.replace('@fovea/', '')}`
      const { dependencies = {} } = JSON.parse(readFileSync(join(root, folder, 'package.json'), 'utf8'))
      const imported = sources
        .filter(file => file.path.startsWith(`${folder}/`))
        .flatMap(file => file.imports.map(({ specifier }) => ours.exec(specifier)?.[0].split('/internal/')[0]))
      const needed = new Set([
        ...imported.filter(found => found !== undefined),
        ...own.flatMap(({ packages = [] }) => packages),
      ])
      for (const copied of copiedPackages) needed.delete(copied)
      for (const found of fontPackages[name] ?? []) needed.add(found)
      expect(Object.keys(dependencies).sort()).toEqual([...needed].sort())
    },
  )

  test('files that users name are reached through one place, which checks what they are', () => {
    const reach = sources.filter(file => file.imports.some(({ specifier }) => /^node:fs/.test(specifier)))
    expect(reach.map(file => file.path)).toEqual([
      // Files of our own.
      'packages/cli/src/command/version.ts',
      'packages/cli/src/report/svg-png.ts',
      'packages/cli/src/verbs/page-script.ts',
      'packages/fovea/src/host/node/address-space.ts',
      // The calls that write, all of them.
      'packages/fovea/src/host/node/disk.ts',
      // Looks for its own part files in the cache.
      'packages/fovea/src/host/node/download.ts',
      // Locks, which lie beside files and hold nothing of users.
      'packages/fovea/src/host/node/file-lock.ts',
      // The place itself.
      'packages/fovea/src/host/node/files.ts',
      // What the system says of its memory and its processes.
      'packages/fovea/src/host/node/memory-left.ts',
      'packages/fovea/src/host/node/paths.ts',
      'packages/fovea/src/host/node/regular-file.ts',
      'packages/fovea/src/host/node/running.ts',
      // Streams an archive that was checked.
      'packages/fovea/src/host/node/unpack.ts',
      // Its own pixels, in the cache; sizes and times of files.
      'packages/pictures/src/pixel-cache.ts',
      'packages/server/src/node-server/model-places.ts',
    ])
  })

  test('portable rooms use no global of Node or the DOM: they type-check without either', () => {
    expect(globalsMissing('tsconfig.portable.json')).toEqual([])
  })

  test.each([
    'packages/fovea/src/browser.ts',
    'packages/fovea/src/predictor.ts',
    'packages/cli/src/page/live.ts',
    'packages/cli/src/page/review.ts',
  ])('nothing that %s needs at run time leaves the browser', entry => {
    const violations: string[] = []
    for (const file of reachableFrom(entry)) {
      if (file.path.includes('/host/node/')) violations.push(file.path)
      for (const { specifier, typeOnly } of file.imports) {
        if (!isLocal(specifier) && !typeOnly) violations.push(`${file.path}: ${specifier}`)
      }
    }
    expect(violations).toEqual([])
  })
})

test.each(['engine/load-predictor.ts', 'predictor.ts'])(
  'a saved model is asked without a line of training, gradients or optimizers: %s',
  entry => {
    const reached = new Set(reachableFrom(`packages/fovea/src/${entry}`).map(({ path }) => roomOf(path)))
    for (const room of ['engine', 'network', 'store']) expect(reached).toContain(room)
    for (const room of ['train', 'api', 'objectives', 'optimizer', 'autodiff', 'data', 'explain', 'recipes'])
      expect(reached).not.toContain(room)
  },
)

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
    const a = file('packages/fovea/src/base/a.ts', "import './b.ts'")
    const b = file('packages/fovea/src/base/b.ts', "import type { A } from './a.ts'")
    expect(cyclesAmong([a, b])).toEqual([
      'packages/fovea/src/base/a.ts → packages/fovea/src/base/b.ts → packages/fovea/src/base/a.ts',
    ])
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

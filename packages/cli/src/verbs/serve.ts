/** `fovea serve MODEL…`: answers over HTTP what pictures show, until Ctrl-C or SIGTERM. */
import type { RequestRecord } from '@fovea/server/internal/node-server/front'
import { modelNameOf, type ServerOptions, startServer } from '@fovea/server/internal/node-server/start-server'
import { shellWord } from 'fovea/internal/base/text'
import { type Context, command } from '../command/command.ts'
import { checkPairs } from '../command/option-pairs.ts'
import {
  choiceOption,
  commonOptions,
  type OptionValues,
  positive,
  textOption,
  wholeOption,
} from '../command/options.ts'
import type { ServeDocument } from '../command/serve-document.ts'
import { readText } from '../command/text-input.ts'
import { UsageError } from '../command/usage-error.ts'

const options = {
  port: wholeOption('N', 'where to listen (default 8080; 0: any that is free)', 0, 65_535),
  host: textOption('ADDRESS', 'at which address (default 127.0.0.1, which only this machine reaches; 0.0.0.0: all)'),
  'token-file': textOption(
    'FILE',
    'with the token whoever asks must send (Authorization: Bearer …); or FOVEA_SERVE_TOKEN',
  ),
  threads: wholeOption('N', 'compute threads of every model (default: all cores)', 1, 256),
  'max-batch': wholeOption('N', 'pictures that are computed together (default 32)', 1, 4096),
  'max-delay': wholeOption('MS', 'how long a picture waits for others when nothing is computed (default 0)', 0, 60_000),
  queue: wholeOption('N', 'pictures that may wait; who comes then is refused with 429 (default 512)'),
  timeout: wholeOption('SECONDS', 'after which a request without an answer gets 504 (default 30)', 1, 86_400),
  'max-body': positive('MB', 'the largest body that is taken (default 32)'),
  poll: positive('SECONDS', 'between two looks for new versions and changed files (default 1)'),
  log: choiceOption(['text', 'json', 'none'], 'a line for every request on standard error (default: text)'),
  ...commonOptions,
}

export const serve = command({
  positional: {
    name: 'MODEL…',
    help: 'a model file, a run directory, or a folder of versions (1, 2, …), each also as NAME=PATH',
    least: 1,
    most: Number.POSITIVE_INFINITY,
  },
  options,
  examples: ['serve runs/photos-1-1', 'serve cats=cats.safetensors dogs=runs/dogs-1-1 --port 9000'],
  run: (context, { values, words }) =>
    context.interruptible(async signal => {
      checkPairs(values, { excludes: [['quiet', 'log']] })
      let requests = 0
      const server = await startServer({
        ...(await chosen(values, words, context.env)),
        onModels: context.say,
        onRequest(request) {
          requests++
          logged(context, values.log, request)
        },
      })
      const { url, models } = server
      const name = encodeURIComponent(models[0]!)
      context.say(`\nListening at ${url}. Ctrl-C ends it.\n\n  curl -T picture.jpg ${url}/models/${name}\n`)
      await new Promise<void>(resolve => {
        if (signal.aborted) resolve()
        signal.addEventListener('abort', () => resolve())
      })
      await server.close()
      const document: ServeDocument = { url, models, requests }
      const [path] = Object.values(pathsByName(words))
      return {
        document,
        text: `${requests} ${requests === 1 ? 'request' : 'requests'} answered.`,
        next: `export ${shellWord(path!)} --to classifier.js`,
      }
    }),
})

async function chosen(
  values: OptionValues<typeof options>,
  words: readonly string[],
  env: Context['env'],
): Promise<ServerOptions> {
  const token = await tokenOf(values['token-file'], env)
  const body = values['max-body']
  return {
    models: pathsByName(words),
    ...(values.port !== undefined && { port: values.port }),
    ...(values.host !== undefined && { host: values.host }),
    ...(token && { token }),
    threads: values.threads,
    maxBatch: values['max-batch'],
    maxDelay: values['max-delay'],
    queue: values.queue,
    timeout: values.timeout,
    poll: values.poll,
    ...(body !== undefined && { maxBytes: Math.ceil(body * 1e6) }),
  }
}

function pathsByName(words: readonly string[]): Readonly<Record<string, string>> {
  const pairs = words.map(word => {
    const [, name, path] = /^([^=/\\]+)=(.+)$/.exec(word) ?? []
    return [name ?? modelNameOf(word), path ?? word] as const
  })
  const names = pairs.map(([name]) => name)
  const twice = names.find((name, index) => names.indexOf(name) < index)
  if (twice !== undefined)
    throw new UsageError({
      what: `Two models are called ${twice}.`,
      expected: 'a name for each',
      fix: `Give one of them another name: other=${shellWord(pairs.findLast(([name]) => name === twice)![1])}`,
    })
  return Object.fromEntries(pairs)
}

/** Where containers keep their secrets. */
const tokenVariable = 'FOVEA_SERVE_TOKEN'

/** An option would show it to everybody who lists the processes. A variable that is set and empty is a mistake, not an open door. */
async function tokenOf(file: string | undefined, env: Context['env']): Promise<string | undefined> {
  const written = file === undefined ? env[tokenVariable] : await readText(file)
  if (written === undefined) return undefined
  const token = written.trim()
  if (/^[\x21-\x7e]{16,}$/.test(token)) return token
  throw new UsageError({
    what: `${file ?? tokenVariable} holds no token.`,
    expected: 'one word of at least 16 letters, digits and signs',
    fix: file === undefined ? 'Make one: openssl rand -hex 32' : `Make one: openssl rand -hex 32 > ${shellWord(file)}`,
  })
}

function logged(context: Context, log: 'text' | 'json' | 'none' | undefined, request: RequestRecord): void {
  if (log === 'none' || context.quiet) return
  const { time, method, path, status, milliseconds, id } = request
  context.stderr.write(
    log === 'json'
      ? `${JSON.stringify(request)}\n`
      : `${time} ${method} ${path} ${status} ${milliseconds.toFixed(1)} ms ${id}\n`,
  )
}

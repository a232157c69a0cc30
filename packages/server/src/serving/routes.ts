/** Which address and method leads where. In the order in which they are tried. */

import { jsonReply } from './answers.ts'
import type { Named, Reply } from './contract.ts'
import type { Exchange } from './exchange.ts'
import { openapi } from './openapi.ts'
import * as inference from './protocols/open-inference.ts'
import { classifyPlain } from './protocols/plain.ts'
import * as tensorflow from './protocols/tensorflow.ts'

export interface Route {
  readonly methods: readonly string[]
  /** As OpenAPI writes it. */
  readonly path: string
  readonly pattern: RegExp
  answer(exchange: Exchange, named: Named): Reply | Promise<Reply>
}

export interface RouteState {
  /** Of this package. */
  readonly version: string
  isEnding(): boolean
}

/** `{model}` is the name of a model; `[…]` may be missing; a version is a number, a label anything. */
function route(
  methods: string,
  path: string,
  answer: (exchange: Exchange, named: Named) => Reply | Promise<Reply>,
): Route {
  const pattern = path
    .replace('[/versions/{version}|/labels/{label}]', '(?:/versions/(?<version>\\d{1,18})|/labels/(?<label>[^/:]+))?')
    .replace('[/versions/{version}]', '(?:/versions/(?<version>\\d{1,18}))?')
    .replace('{model}', '(?<name>[^/:]+)')
    .replace('[/{file}]', '(?:/[^/]*)?')
  return { methods: methods.split(' '), path, pattern: new RegExp(`^${pattern}$`), answer }
}

export function routesOf({ version, isEnding }: RouteState): readonly Route[] {
  const model = '/v1/models/{model}[/versions/{version}|/labels/{label}]'
  const v2 = '/v2/models/{model}[/versions/{version}]'
  return [
    route('GET', '/v2', () => inference.serverMetadata(version)),
    route('GET', '/v2/health/live', inference.live),
    route('GET', '/v2/health/ready', exchange => inference.ready(exchange, isEnding())),
    route('POST', '/v2/repository/index', inference.repositoryIndex),
    route('GET', `${v2}/ready`, inference.modelReady),
    route('GET', `${v2}/config`, inference.configuration),
    route('POST', `${v2}/infer`, inference.infer),
    route('GET', v2, inference.metadata),
    route('GET', '/v1/models', tensorflow.listModels),
    route('GET', `${model}/metadata`, tensorflow.modelMetadata),
    route('POST', `${model}:predict`, tensorflow.predictRows),
    route('POST', `${model}:classify`, tensorflow.classifyExamples),
    route('POST', `${model}:regress`, tensorflow.regress),
    route('POST', `${model}:explain`, tensorflow.explainPictures),
    route('GET', model, tensorflow.modelStatus),
    route('GET', '/openapi.json', () => jsonReply(openapi(version))),
    route('GET', '/', tensorflow.alive),
    route('POST PUT', '/models/{model}[/versions/{version}|/labels/{label}][/{file}]', classifyPlain),
    // curl -T adds the name of the file to an address that ends with a slash.
    route('POST PUT', '[/{file}]', classifyPlain),
  ]
}

/** Undefined where an escape is none. */
export function namedIn(match: RegExpExecArray): Named | undefined {
  try {
    const { name = '', version, label } = match.groups ?? {}
    return {
      name: decodeURIComponent(name),
      ...(version !== undefined && { version: version.replace(/^0+(?=\d)/, '') }),
      ...(label !== undefined && { label: decodeURIComponent(label) }),
    }
  } catch {
    return undefined
  }
}

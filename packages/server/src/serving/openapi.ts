/** What the server answers, as OpenAPI 3.1 describes it. */

const json = (schema: object) => ({ 'application/json': { schema } })
const anyObject = { type: 'object' } as const
const text = { type: 'string' } as const

const classes = {
  type: 'array',
  items: {
    type: 'object',
    required: ['className', 'probability'],
    properties: { className: text, probability: { type: 'number', minimum: 0, maximum: 1 } },
  },
} as const

const failure = {
  description: 'What went wrong.',
  content: json({ type: 'object', required: ['error'], properties: { error: text } }),
}

const parameter = (name: string, description: string, schema: object = text) => ({
  name,
  in: 'path',
  required: true,
  description,
  schema,
})
const model = parameter('model', 'The name of a model.')
const version = parameter('version', 'A version of the model.', { type: 'string', pattern: '^\\d+$' })
const file = parameter('file', 'The name of the file, as curl -T adds it; it says nothing.')
const label = parameter('label', 'A label that a version has.')

type Operation = readonly [summary: string, content?: object | undefined, body?: object]

const operation = (tag: string, [summary, content = json(anyObject), body]: Operation, id: string) => ({
  tags: [tag],
  operationId: id,
  summary,
  ...(body && { requestBody: { required: true, content: body } }),
  responses: { 200: { description: 'The answer.', content }, default: failure },
})

const pictureBody = {
  'application/octet-stream': { schema: {} },
  'image/*': { schema: {} },
  'multipart/form-data': {
    schema: { type: 'object', additionalProperties: { type: 'string', contentMediaType: 'image/*' } },
  },
  ...json({
    type: 'object',
    properties: { picture: {}, pictures: { type: 'array', items: {} } },
  }),
}
const top = {
  name: 'top',
  in: 'query',
  description: 'Only so many classes.',
  schema: { type: 'integer', minimum: 1 },
}
const plainAnswer = json({ oneOf: [classes, { type: 'array', items: classes }] })

const rows = json({
  type: 'object',
  properties: { signature_name: text, instances: { type: 'array', items: {} }, inputs: {} },
})
const tensorBody = {
  ...json({
    type: 'object',
    required: ['inputs'],
    properties: {
      id: text,
      parameters: anyObject,
      inputs: {
        type: 'array',
        items: {
          type: 'object',
          required: ['name', 'datatype', 'shape'],
          properties: {
            name: text,
            datatype: text,
            shape: { type: 'array', items: { type: 'integer' } },
            data: {},
            parameters: anyObject,
          },
        },
      },
      outputs: { type: 'array', items: anyObject },
    },
  }),
  'application/octet-stream': { schema: {} },
}

/** Addresses of TensorFlow Serving: of the newest version, of a version, of a label. */
function ofModel(suffix: string, method: string, what: Operation, id: string) {
  const places = [
    ['', [model], ''],
    ['/versions/{version}', [model, version], 'OfVersion'],
    ['/labels/{label}', [model, label], 'OfLabel'],
  ] as const
  return places.map(([place, parameters, more]) => [
    `/v1/models/{model}${place}${suffix}`,
    { parameters, [method]: operation('TensorFlow Serving, KServe v1', what, `${id}${more}`) },
  ])
}

function ofModelV2(suffix: string, method: string, what: Operation, id: string) {
  const places = [
    ['', [model], ''],
    ['/versions/{version}', [model, version], 'OfVersion'],
  ] as const
  return places.map(([place, parameters, more]) => [
    `/v2/models/{model}${place}${suffix}`,
    { parameters, [method]: operation('Open Inference Protocol v2', what, `${id}${more}`) },
  ])
}

function plainPaths() {
  const what: Operation = ['The classes of pictures, the most probable first.', plainAnswer, pictureBody]
  const asked = (id: string) => ({ ...operation('Plain', what, id), parameters: [top] })
  return [
    [
      '/',
      {
        get: operation('TensorFlow Serving, KServe v1', ['Whether the server is there.'], 'alive'),
        post: asked('classify'),
      },
    ],
    ['/{file}', { parameters: [file], put: asked('classifyFile') }],
    ['/models/{model}/{file}', { parameters: [model, file], put: asked('classifyNamedFileBy') }],
    ['/models/{model}', { parameters: [model], post: asked('classifyBy'), put: asked('classifyFileBy') }],
    ['/models/{model}/versions/{version}', { parameters: [model, version], post: asked('classifyByVersion') }],
    ['/models/{model}/labels/{label}', { parameters: [model, label], post: asked('classifyByLabel') }],
  ]
}

export function openapi(release: string): object {
  const inference = 'Open Inference Protocol v2'
  return {
    openapi: '3.1.0',
    info: {
      title: 'Fovea: image classifiers',
      version: release,
      description:
        'A picture as the body of a request is answered with its classes; clients of TensorFlow Serving, KServe and Triton are understood.',
      license: { name: 'MIT', identifier: 'MIT' },
    },
    servers: [{ url: '/' }],
    tags: ['Plain', 'TensorFlow Serving, KServe v1', inference].map(name => ({ name })),
    paths: Object.fromEntries([
      ...plainPaths(),
      ['/v1/models', { get: operation('TensorFlow Serving, KServe v1', ['The names of all models.'], 'listModels') }],
      ...ofModel('', 'get', ['The state of the versions of a model.'], 'modelStatus'),
      ...ofModel('/metadata', 'get', ['Inputs and outputs of a model.'], 'modelMetadata'),
      ...ofModel(
        ':predict',
        'post',
        ['The outputs for rows of inputs, or for picture files in base64.', undefined, rows],
        'predict',
      ),
      ...ofModel(
        ':classify',
        'post',
        ['Labels and scores of examples.', undefined, json(anyObject)],
        'classifyExamples',
      ),
      ...ofModel(':explain', 'post', ['Where the network looked.', undefined, json(anyObject)], 'explain'),
      ['/v2', { get: operation(inference, ['The server and the extensions it speaks.'], 'serverMetadata') }],
      ['/v2/health/live', { get: operation(inference, ['Whether the server is there.'], 'serverLive') }],
      ['/v2/health/ready', { get: operation(inference, ['Whether every model can be asked.'], 'serverReady') }],
      ['/v2/repository/index', { post: operation(inference, ['All models and versions.'], 'repositoryIndex') }],
      ...ofModelV2('', 'get', ['Inputs and outputs of a model.'], 'inferenceMetadata'),
      ...ofModelV2('/ready', 'get', ['Whether a model can be asked.'], 'modelReady'),
      ...ofModelV2('/config', 'get', ['The configuration of a model, as Triton tells it.'], 'modelConfiguration'),
      ...ofModelV2(
        '/infer',
        'post',
        ['The outputs for tensors.', { ...json(anyObject), 'application/octet-stream': { schema: {} } }, tensorBody],
        'infer',
      ),
    ]),
  }
}

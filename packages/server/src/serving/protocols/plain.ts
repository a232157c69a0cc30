/**
 * The plain way to ask: a picture is the body of a request, its classes are the answer. Also several as a form (`curl -F`), or as JSON:
 * `{"picture": …}` or `{"pictures": […]}`, each a file in base64 (or a data URL), or `{width, height, data}` with its bytes.
 */
import type { Answer, AnyPicture } from 'fovea'
import { isJsonRecord, type Json } from 'fovea/internal/base/json'
import { jsonReply } from '../answers.ts'
import { base64Of, recordOf } from '../body.ts'
import { type Named, Refusal, type Reply } from '../contract.ts'
import type { Exchange } from '../exchange.ts'

/** What was asked about, and whether it was one picture, so that one answer is given. */
interface Asked {
  readonly pictures: readonly AnyPicture[]
  readonly isOne: boolean
}

/** A `name` that is empty is that of the only model. */
export async function classifyPlain(exchange: Exchange, { name, ...wanted }: Named): Promise<Reply> {
  const { catalogue, query, question } = exchange
  const lease = exchange.lease(name === '' ? onlyName(catalogue.names()) : name, wanted)
  const top = topOf(query)
  const { pictures, isOne } = await askedIn(await exchange.read(), question.header('content-type') ?? '')
  const answers = await exchange.computePictures(lease, pictures.length, (servable, signal) =>
    servable.classify(pictures, { signal, ...(top !== undefined && { top }) }),
  )
  return jsonReply(isOne ? answers[0] : (answers satisfies readonly Answer[]))
}

function onlyName(names: readonly string[]): string {
  const [name, ...more] = names
  if (name !== undefined && more.length === 0) return name
  throw new Refusal(404, `Which model? Ask one of ${names.map(each => `/models/${each}`).join(', ')}.`)
}

function topOf(query: URLSearchParams): number | undefined {
  const written = query.get('top')
  if (written === null) return undefined
  if (/^[1-9]\d{0,5}$/.test(written)) return Number(written)
  throw new Refusal(400, 'top is no whole number from 1.')
}

async function askedIn(body: Uint8Array<ArrayBuffer>, type: string): Promise<Asked> {
  if (body.length === 0)
    throw new Refusal(400, 'The body is empty. Send a picture: curl -T picture.jpg, or curl -F file=@picture.jpg.')
  if (/^multipart\/form-data\b/i.test(type)) return filesIn(body, type)
  if (/^application\/(\w+\+)?json\b/i.test(type)) return picturesIn(recordOf(body))
  if (/^application\/x-www-form-urlencoded\b/i.test(type) && !isPictureFile(body))
    throw new Refusal(
      415,
      'A form like that holds no files. Send it as multipart/form-data, or the picture as the body.',
    )
  return { pictures: [body], isOne: true }
}

/** `curl --data-binary` calls everything a form: a picture begins with no letter, or with RIFF, GIF or BM. */
const isPictureFile = (bytes: Uint8Array): boolean =>
  !/^[\w%+.-]*=/.test(new TextDecoder('latin1').decode(bytes.subarray(0, 40)))

async function filesIn(body: Uint8Array<ArrayBuffer>, type: string): Promise<Asked> {
  let form: FormData
  try {
    form = await new Response(body, { headers: { 'content-type': type } }).formData()
  } catch {
    throw new Refusal(400, 'The body is no form: multipart/form-data with its boundary.')
  }
  const files = [...form.values()].filter(value => typeof value !== 'string')
  if (files.length === 0) throw new Refusal(400, 'The form has no files.')
  const pictures = await Promise.all(files.map(async file => new Uint8Array(await file.arrayBuffer())))
  return { pictures, isOne: pictures.length === 1 }
}

function picturesIn(json: Readonly<Record<string, Json>>): Asked {
  const { picture, pictures } = json
  if (picture !== undefined) return { pictures: [pictureIn(picture, 'picture')], isOne: true }
  if (Array.isArray(pictures) && pictures.length > 0)
    return { pictures: pictures.map((each, index) => pictureIn(each, `pictures[${index}]`)), isOne: false }
  throw new Refusal(400, 'The body has no "picture", and no "pictures" with at least one.')
}

function pictureIn(json: Json, what: string): AnyPicture {
  if (typeof json === 'string') return base64Of(json, what)
  const { width, height, channels, data } = isJsonRecord(json) ? json : {}
  if (typeof width === 'number' && typeof height === 'number' && Array.isArray(data)) {
    const isByte = (value: Json): boolean =>
      Number.isInteger(value) && (value as number) >= 0 && (value as number) < 256
    if (!data.every(isByte))
      throw new Refusal(400, `${what}.data holds something else than bytes, numbers from 0 to 255.`)
    const bytes = Uint8Array.from(data as number[])
    return { width, height, ...(typeof channels === 'number' && { channels }), data: bytes }
  }
  throw new Refusal(400, `${what} is neither a text in base64 nor {width, height, data}.`)
}

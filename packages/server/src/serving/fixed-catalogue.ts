/** Models that were given and stay. */
import { type Catalogue, Refusal, type Servable, type Wanted } from './contract.ts'

const version = '1'

export function fixedCatalogue(models: Readonly<Record<string, Servable>>): Catalogue {
  const names = Object.keys(models).sort()
  return {
    names: () => names,
    versions: name => (names.includes(name) ? [{ version, state: 'AVAILABLE', labels: [] }] : undefined),
    lease(name, wanted = {}) {
      if (!names.includes(name)) throw unknownModel(name, names)
      checkWanted(name, wanted)
      return { name, version, servable: models[name]!, release: () => {} }
    },
    isReady: () => true,
  }
}

function checkWanted(name: string, { version: asked, label }: Wanted): void {
  if (label !== undefined) throw new Refusal(404, `Model ${name} has no label '${label}'.`)
  if (asked !== undefined && asked !== version)
    throw new Refusal(404, `Model ${name} has no version ${asked}; it has version ${version}.`)
}

export const unknownModel = (name: string, names: readonly string[]): Refusal =>
  new Refusal(404, `There is no model '${name}' here; there is ${names.join(', ') || 'none'}.`)

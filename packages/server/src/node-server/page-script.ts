/** The script of the page at `/`. It runs in a browser as its own text: it uses nothing from outside of the function. */

interface Figures {
  readonly perSecond: number
  readonly median: number
  readonly p99: number
  readonly requests: number
  readonly waiting: number
  readonly open: number
  readonly memoryBytes: number
  readonly models: readonly {
    readonly name: string
    readonly versions: readonly {
      readonly version: string
      readonly state: string
      readonly labels: readonly string[]
      readonly error?: string
    }[]
    readonly input?: readonly number[]
    readonly classNames?: readonly string[]
  }[]
}

export function serverPageScript(): void {
  const element = <T extends HTMLElement>(id: string): T => document.getElementById(id) as T
  const [model, file, token] = [
    element<HTMLSelectElement>('model'),
    element<HTMLInputElement>('file'),
    element<HTMLInputElement>('token'),
  ]
  const made = (tag: string, text: string, className = ''): HTMLElement => {
    const node = document.createElement(tag)
    node.textContent = text
    node.className = className
    return node
  }
  const headers = (): Record<string, string> => (token.value === '' ? {} : { authorization: `Bearer ${token.value}` })
  const milliseconds = (seconds: number): string => `${(seconds * 1000).toFixed(seconds < 0.01 ? 1 : 0)} ms`

  function showState(text: string, isWrong = false): void {
    element('state').textContent = text
    element('state').classList.toggle('wrong', isWrong)
  }

  async function look(): Promise<void> {
    const response = await fetch('figures.json', { headers: headers() })
    element('token-row').hidden = response.status !== 401 && token.value === ''
    if (!response.ok)
      return showState(response.status === 401 ? 'The server asks for a token.' : 'The server refuses.', true)
    const figures = (await response.json()) as Figures
    showState(figures.models.map(({ name }) => name).join(', '))
    showModels(figures)
    const rows = [
      ['requests a second', figures.perSecond.toFixed(1)],
      ['half within', milliseconds(figures.median)],
      ['99 % within', milliseconds(figures.p99)],
      ['pictures waiting', String(figures.waiting)],
      ['memory', `${(figures.memoryBytes / 1e6).toFixed(0)} MB`],
      ['requests so far', String(figures.requests)],
    ] as const
    element('figures').replaceChildren(
      ...rows.map(([name, value]) => {
        const row = document.createElement('div')
        row.append(made('dt', name), made('dd', value))
        return row
      }),
    )
  }

  function showModels({ models }: Figures): void {
    const names = models.map(({ name }) => name)
    if (names.join() !== [...model.options].map(({ value }) => value).join()) {
      model.replaceChildren(...names.map(name => new Option(name, name)))
      showCurl()
    }
    element('models').replaceChildren(
      ...models.flatMap(({ name, versions, input, classNames }) => [
        made('h3', name),
        ...versions.map(({ version, state, labels, error }) =>
          made(
            'p',
            `version ${version}${labels.length > 0 ? ` (${labels.join(', ')})` : ''}: ${error ?? state.toLowerCase()}`,
            error ? 'wrong' : '',
          ),
        ),
        ...(input ? [made('p', `input: ${input.join(' × ')}`)] : []),
        ...(classNames
          ? [
              made(
                'p',
                `${classNames.length} classes: ${classNames.slice(0, 30).join(', ')}${classNames.length > 30 ? ' …' : ''}`,
              ),
            ]
          : []),
      ]),
    )
  }

  const address = (): string => new URL(`models/${encodeURIComponent(model.value)}`, location.href).href

  function showCurl(): void {
    element('curl').textContent = `curl -T picture.jpg ${address()}`
  }

  async function ask(picture: File): Promise<void> {
    const shown = element<HTMLImageElement>('shown')
    URL.revokeObjectURL(shown.src)
    shown.src = URL.createObjectURL(picture)
    shown.hidden = false
    const response = await fetch(`${address()}?top=8`, { method: 'POST', body: picture, headers: headers() })
    const answer: unknown = await response.json()
    if (!response.ok) {
      element('answer').replaceChildren(made('li', (answer as { readonly error: string }).error, 'wrong'))
      return
    }
    const classes = answer as readonly { readonly className: string; readonly probability: number }[]
    element('answer').replaceChildren(
      ...classes.map(({ className, probability }) => {
        const row = document.createElement('li')
        const bar = document.createElement('meter')
        bar.value = probability
        row.append(made('span', className), bar, made('b', `${(probability * 100).toFixed(1)} %`))
        return row
      }),
    )
  }

  let last: File | undefined
  const take = (picture: File | null | undefined): void => {
    if (!picture) return
    last = picture
    ask(picture).catch(() => showState('The server does not answer.', true))
  }
  file.addEventListener('change', () => take(file.files?.[0]))
  model.addEventListener('change', () => {
    showCurl()
    take(last)
  })
  element('copy').addEventListener('click', () => navigator.clipboard?.writeText(element('curl').textContent ?? ''))
  const drop = element('drop')
  document.addEventListener('dragover', event => {
    event.preventDefault()
    drop.classList.add('over')
  })
  document.addEventListener('dragleave', () => drop.classList.remove('over'))
  document.addEventListener('drop', event => {
    event.preventDefault()
    drop.classList.remove('over')
    take(event.dataTransfer?.files[0])
  })
  document.addEventListener('paste', event => take(event.clipboardData?.files[0]))
  const again = (): void => void look().catch(() => showState('The server does not answer.', true))
  token.addEventListener('change', again)
  setInterval(again, 2000)
  again()
}

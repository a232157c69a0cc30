/** The examples as pages: the list of all, each program with its idea, its target and its source; the exercises and their solutions. */
import { readdirSync, readFileSync } from 'node:fs'
import { codeBlock, escapeHtml, renderDocument } from './markdown.js'
import { examples, inRoot } from './settings.js'

export function examplePages() {
  const list = readFileSync(inRoot(examples.list), 'utf8')
  const exercises = readFileSync(inRoot(examples.exercises), 'utf8')
  return [
    { url: 'examples/', section: 'examples', source: examples.list, ...renderDocument(list) },
    ...programsIn(examples.folder).map(path => programPage(path, targetIn(list, path.split('/').at(-1)))),
    { url: 'examples/exercises/', section: 'examples', source: examples.exercises, ...renderDocument(exercises) },
    ...programsIn(examples.solutions).map(path => programPage(path, '')),
  ]
}

const programsIn = folder =>
  readdirSync(inRoot(folder))
    .filter(name => name.endsWith('.js'))
    .sort()
    .map(name => `${folder}/${name}`)

function programPage(source, target) {
  const name = source.split('/').at(-1)
  const { idea, code } = parts(readFileSync(inRoot(source), 'utf8'))
  const [, number, words] = name.match(/^(\d*)-?(.*)\.js$/)
  const title = (words[0].toUpperCase() + words.slice(1).replaceAll('-', ' ')).replace(/\b(mlp|cnn)\b/gi, each =>
    each.toUpperCase(),
  )
  const command = number && !idea.includes('```sh') ? codeBlock(`node ${source}`, 'sh') : ''
  const html = `<h1>${escapeHtml(title)}</h1>
${renderDocument(idea).html}${target && `<p><strong>Target:</strong> ${escapeHtml(target)}.</p>`}
${command}
${codeBlock(code, 'js')}`
  return {
    url: `${source.replace(/\.js$/, '')}/`,
    title,
    label: source.startsWith(examples.solutions)
      ? `Solution ${Number(number)}: ${title}`
      : number
        ? `${number} ${title}`
        : name,
    section: 'examples',
    source,
    html,
    headings: [],
  }
}

/** The header comment as Markdown, its commands as blocks of code, and the program below it. */
function parts(text) {
  const [whole, comment = ''] = text.match(/^\/\*\*([\s\S]*?)\*\/\n+/) ?? ['']
  const idea = comment
    .replace(/^ *\* ?/gm, '')
    .trim()
    .replace(
      /^ {4}(node .*?)(?: {2,}(\S.*))?$/gm,
      (_, command, note) => `\`\`\`sh\n${command}${note ? ` # ${note}` : ''}\n\`\`\``,
    )
  return { idea, code: text.slice(whole.length) }
}

/** The last cell of the program's row in the list. */
function targetIn(list, name) {
  const row = list.split('\n').find(line => line.startsWith('|') && line.includes(`](${name})`))
  return row?.split('|').at(-2).trim() ?? ''
}

/**
 * Markdown as HTML, the way GitHub reads it: the same anchors of headings, code coloured by class-free CSS variables, tables that scroll
 * on a phone. Gives the headings too, for the list beside a page.
 */
import { createCssVariablesTheme, createHighlighterCore } from '@shikijs/core'
import { createJavaScriptRegexEngine } from '@shikijs/engine-javascript'
import MarkdownIt from 'markdown-it'

const highlighter = await createHighlighterCore({
  themes: [createCssVariablesTheme({ variablePrefix: '--code-' })],
  langs: ['typescript', 'shellscript', 'json', 'html', 'http'].map(name => import(`@shikijs/langs/${name}`)),
  engine: createJavaScriptRegexEngine(),
})
const languages = { ts: 'typescript', js: 'typescript', sh: 'shellscript', json: 'json', html: 'html', http: 'http' }

export const escapeHtml = text => text.replace(/[&<>"]/g, sign => `&#${sign.charCodeAt(0)};`)

/** A block of code; a language that is not known stays plain. */
export function codeBlock(code, language = '') {
  return highlighter.codeToHtml(code.trimEnd(), { lang: languages[language] ?? 'text', theme: 'css-variables' })
}

const options = { highlight: (code, language) => codeBlock(code, language) }
/** Of our own documents, which may hold HTML. */
const documents = new MarkdownIt({ ...options, html: true })
/** Of docstrings, in which `<` is a sign like any other. */
const comments = new MarkdownIt(options)
for (const markdown of [documents, comments]) {
  markdown.renderer.rules.table_open = () => '<div class="scroll"><table>\n'
  markdown.renderer.rules.table_close = () => '</table></div>\n'
}

export const commentHtml = text => comments.render(text)

/** The anchor GitHub gives to a heading: `What runs where` → `what-runs-where`, a second one of the name `…-1`. */
export function anchors() {
  const seen = new Map()
  return text => {
    const anchor = text
      .toLowerCase()
      .replace(/[^\p{L}\p{N}\s_-]/gu, '')
      .replace(/\s/g, '-')
    const count = seen.get(anchor) ?? 0
    seen.set(anchor, count + 1)
    return count === 0 ? anchor : `${anchor}-${count}`
  }
}

/** @returns {{ html: string, title: string, headings: { id: string, text: string }[] }} Headings of the second level. */
export function renderDocument(text) {
  const tokens = documents.parse(text, {})
  const anchor = anchors()
  const headings = []
  let title = ''
  tokens.forEach((token, at) => {
    if (token.type !== 'heading_open') return
    const words = tokens[at + 1].children.map(({ content }) => content).join('')
    const id = anchor(words)
    token.attrSet('id', id)
    if (token.tag === 'h1') title = words
    if (token.tag === 'h2') headings.push({ id, text: words })
  })
  return { html: documents.renderer.render(tokens, documents.options, {}), title, headings }
}

/** The text below one heading, up to the next of its level or above. Throws when there is none. */
export function sectionOf(text, heading) {
  const lines = text.split('\n')
  const begin = lines.findIndex(line => /^#+ /.test(line) && line.replace(/^#+ /, '') === heading)
  if (begin < 0) throw new Error(`There is no section "${heading}"`)
  const end = lines.findIndex((line, at) => at > begin && /^##? /.test(line))
  return lines.slice(begin, end < 0 ? lines.length : end).join('\n')
}

/**
 * Writes the table of rooms in docs/architecture.md from packages/rooms.json, the one list of rooms and borders; `--check` only says whether
 * it is up to date.
 */
import { readFileSync, writeFileSync } from 'node:fs'

const packages = JSON.parse(readFileSync(new URL('../packages/rooms.json', import.meta.url), 'utf8'))
const path = new URL('../docs/architecture.md', import.meta.url)
const text = readFileSync(path, 'utf8')
const head = '| room | what lives there | may import |\n|---|---|---|\n'
const begin = text.indexOf(head) + head.length
const end = text.indexOf('\n\n', begin) + 1
const words = names => names.map(name => name.replace(/(.*):types/, 'types of $1')).join(', ')
const row = ({ room, lives, imports }) => `| \`${room}\` | ${lives} | ${words(imports) || '–'} |\n`
const table = packages
  .map(entry => `| **${entry.package}** | **${entry.for}** | |\n${entry.rooms.map(row).join('')}`)
  .join('')
const written = text.slice(0, begin) + table + text.slice(end)

if (begin < head.length || end <= 0) throw new Error('docs/architecture.md has no table of rooms')
if (process.argv.includes('--check')) {
  if (written !== text) {
    console.log('docs/architecture.md is not up to date: run `node scripts/rooms.mjs`')
    process.exitCode = 1
  }
} else writeFileSync(path, written)

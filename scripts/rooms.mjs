/**
 * Writes the table of rooms in docs/architecture.md from src/rooms.json, the one list of rooms and borders; `--check` only says whether
 * it is up to date.
 */
import { readFileSync, writeFileSync } from 'node:fs'

const rooms = JSON.parse(readFileSync(new URL('../src/rooms.json', import.meta.url), 'utf8'))
const path = new URL('../docs/architecture.md', import.meta.url)
const text = readFileSync(path, 'utf8')
const head = '| room | what lives there | may import |\n|---|---|---|\n'
const begin = text.indexOf(head) + head.length
const end = text.indexOf('| edges |', begin)
const row = ({ room, lives, imports }) => `| \`${room}\` | ${lives} | ${words(imports) || '–'} |\n`
const words = imports => imports.map(name => name.replace(/(.*):types/, 'types of $1')).join(', ')
const written = text.slice(0, begin) + rooms.map(row).join('') + text.slice(end)

if (begin < head.length || end < 0) throw new Error('docs/architecture.md has no table of rooms')
if (process.argv.includes('--check')) {
  if (written !== text) {
    console.log('docs/architecture.md is not up to date: run `node scripts/rooms.mjs`')
    process.exitCode = 1
  }
} else writeFileSync(path, written)

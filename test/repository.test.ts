/** What surrounds the code: the workflow calls what exists, on the systems and Nodes we promise; forms are whole and short. */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { root } from './source-files.testing.ts'

const read = (path: string): string => readFileSync(join(root, path), 'utf8')
const { scripts, engines } = JSON.parse(read('package.json')) as {
  scripts: Record<string, string>
  engines: { node: string }
}

const commandsOf = (workflow: string): string[] =>
  [...workflow.matchAll(/^ *- run: (.*)$/gm)].map(([, command]) => command!)

function unknownCommands(workflow: string): string[] {
  return commandsOf(workflow).filter(command => {
    const [npm, ...words] = command.split(' ')
    const known = words[0] === 'run' ? words[1]! in scripts : ['ci', 'test'].includes(words[0]!)
    return npm !== 'npm' || !known
  })
}

describe('the workflow', () => {
  const workflow = read('.github/workflows/ci.yml')
  const listed = (key: string): string[] =>
    workflow
      .match(new RegExp(`^ *${key}: \\[(.*)\\]$`, 'm'))![1]!
      .split(', ')
      .map(word => word.replaceAll('"', ''))

  test('runs on Linux, macOS and Windows, and the oldest Node is the one package.json promises', () => {
    expect(listed('os')).toEqual(['ubuntu-latest', 'macos-latest', 'windows-latest'])
    const [oldest, ...newer] = listed('node')
    expect(engines.node).toBe(`>=${oldest}`)
    expect(newer).toEqual(expect.arrayContaining(['22', '24', '26']))
  })

  test('calls commands that exist, after a clean install in every job', () => {
    expect(unknownCommands(workflow)).toEqual([])
    const jobs = workflow.match(/^ *steps:$/gm)!
    expect(commandsOf(workflow).filter(command => command === 'npm ci')).toHaveLength(jobs.length)
  })

  test('needs no secret and may write nothing', () => {
    expect(workflow).not.toMatch(/secrets\.|: write/)
    expect(workflow).toMatch(/^permissions:\n {2}contents: read$/m)
  })
})

describe('the workflow of the site', () => {
  const workflow = read('.github/workflows/docs.yml')

  test('builds it by a command that exists, after a clean install', () => {
    expect(commandsOf(workflow)).toEqual(['npm ci', 'npm run docs'])
    expect(unknownCommands(workflow)).toEqual([])
  })

  test('needs no secret; what it may write are the pages, from the main branch alone', () => {
    expect(workflow).not.toMatch(/secrets\./)
    expect(workflow).toMatch(/^permissions:\n {2}contents: read$/m)
    const [, publish] = workflow.split(/^ {2}publish:$/m)
    expect(publish).toMatch(/^ {4}if: github\.ref == 'refs\/heads\/main'$/m)
    expect(workflow.match(/\w[\w-]*: write/g)).toEqual(['pages: write', 'id-token: write'])
    expect(publish!.match(/\w[\w-]*: write/g)).toEqual(['pages: write', 'id-token: write'])
  })
})

describe('forms for issues', () => {
  const forms = readdirSync(join(root, '.github/ISSUE_TEMPLATE')).filter(name => name !== 'config.yml')

  test.each(forms)('%s has a name, a description and fields that differ', name => {
    const form = read(`.github/ISSUE_TEMPLATE/${name}`)
    for (const key of ['name', 'description', 'body']) expect(form).toMatch(new RegExp(`^${key}:`, 'm'))
    const ids = [...form.matchAll(/^ {4}id: (.*)$/gm)].map(([, id]) => id)
    const labels = [...form.matchAll(/^ {6}label: (.*)$/gm)].map(([, label]) => label)
    expect(ids.length).toBeGreaterThan(0)
    expect(new Set(ids).size).toBe(ids.length)
    expect(labels).toHaveLength(ids.length)
    expect(form.match(/^ {2}- type: /gm)).toHaveLength(ids.length)
  })

  test('there is one for what is wrong and one for the rest', () => {
    expect(forms.sort()).toEqual(['bug.yml', 'question.yml'])
  })
})

test('a pull request answers three lines', () => {
  expect(read('.github/PULL_REQUEST_TEMPLATE.md').trimEnd().split('\n')).toHaveLength(3)
})

test('a security problem has a way that is not an issue', () => {
  expect(existsSync(join(root, 'SECURITY.md'))).toBe(true)
  expect(read('.github/ISSUE_TEMPLATE/config.yml')).toContain('SECURITY.md')
})

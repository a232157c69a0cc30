/** Eleventy writes the pages and copies what they show: one template over the pages of `pages.js`. */
import { relative } from 'node:path'
import { allPages } from './pages.js'
import { inRoot, output } from './settings.js'

const fromHere = path => relative(import.meta.dirname, inRoot(path))

export default async function (eleventy) {
  const { files } = await allPages()
  eleventy.setQuietMode(true)
  eleventy.addPassthroughCopy({ static: '/' })
  for (const file of files) eleventy.addPassthroughCopy({ [fromHere(file)]: `files/${file}` })
  return { dir: { input: 'content', output: fromHere(output) } }
}

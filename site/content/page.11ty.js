/** One HTML file for each page. */
import { layout } from '../layout.js'

export const data = {
  pagination: { data: 'pages.list', size: 1, alias: 'shown' },
  permalink: ({ shown }) => `${shown.url}index.html`,
}

export const render = ({ shown, pages }) => layout(shown, pages.list)

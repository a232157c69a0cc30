/** The parts of the site, as the head of every page names them. */
export const sections = [
  { id: 'guide', title: 'Guide', url: '' },
  { id: 'examples', title: 'Examples', url: 'examples/' },
  { id: 'api', title: 'API', url: 'api/' },
  { id: 'inside', title: 'Inside', url: 'docs/architecture/' },
]

/** A peer of a few lines, as source text for `node -e`: what it says depends on the recipe it is asked for. */
export const fakePeer = `
const say = message => console.log(JSON.stringify(message))
console.log('a library says hello')
say({ ready: { fake: '1.0' } })
const lines = require('node:readline').createInterface({ input: process.stdin })
lines.on('line', line => {
  const { open, run } = JSON.parse(line)
  if (open?.recipe === 'strange') say({ unable: 'it is strange' })
  else if (open?.recipe === 'broken') {
    console.error('the reason')
    process.exit(3)
  } else if (open) say({ opened: { about: open.task + ' ' + open.batch + ' on ' + open.threads, prediction: [0.25] } })
  else if (run) say({ ran: run / 10 })
  else say({ closed: true })
})
`

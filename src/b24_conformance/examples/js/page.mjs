// Runs an example in a page of a real Chromium, inside the portal's frame, and tells what its console
// shows. The example's page lives on another origin than the portal, as an application does.
import { readFileSync, writeFileSync } from 'node:fs'
import { openFrame } from '../../clients/js/frame.mjs'
import { say } from './events.mjs'

// An example says what it has to say at once after the answer; without one it is given up.
const QUIET = 700
const GIVEN_UP = 20000
const [example, playwright, chromium, scripts] = process.argv.slice(2)
const { portal, method } = JSON.parse(process.env.EXAMPLE_PORTAL)
const html = readFileSync(example, 'utf8')

const frame = await openFrame(playwright, chromium, portal, '/dev/null', 'https://example.invalid/nothing.js')
const page = frame.page()
const url = `${portal.scheme}://localhost:${portal.domain.split(':')[1]}/example`
await page.route(url, (route) => route.fulfill({ contentType: 'text/html; charset=utf-8', body: html }))
for (const [address, path] of Object.entries(JSON.parse(scripts))) {
  await page.route(address, (route) => route.fulfill({ contentType: 'text/javascript; charset=utf-8', path }))
}

let answered = false
let last = Date.now()
const touched = () => (last = Date.now())
page.on('console', (message) => {
  // The browser's own remark on a status of 400 is nothing that the example says.
  const own = message.text().startsWith('Failed to load resource:')
  const type = message.type() === 'warning' ? 'warn' : message.type()
  say(own ? 'browser' : `console.${type}`, message.text())
  touched()
})
page.on('pageerror', (error) => {
  say('uncaught', String(error?.stack || error))
  touched()
})
page.on('requestfinished', (request) => {
  answered ||= request.url().includes(method) && request.method() !== 'OPTIONS'
  touched()
})

const began = Date.now()
await frame.goto(url, { waitUntil: 'commit' })
writeFileSync(process.env.EXAMPLE_READY, '')
while (Date.now() - began < GIVEN_UP && !(answered && Date.now() - last > QUIET)) {
  await new Promise((resolve) => setTimeout(resolve, 50))
}
process.exit()

// Runs an example that takes `$b24` for granted: made here of a webhook, with the SDK's defaults.
import { writeFileSync } from 'node:fs'
import { formatWithOptions } from 'node:util'
import { pathToFileURL } from 'node:url'
import { say } from './events.mjs'

const [folder] = process.argv.slice(2)
const { EXAMPLE_WEBHOOK: webhook, EXAMPLE_READY: ready } = process.env
const sdk = await import(pathToFileURL(`${folder}/node_modules/@bitrix24/b24jssdk/dist/esm/index.mjs`))
const [, userId, secret] = new URL(webhook).pathname.split('/').filter(Boolean)
globalThis.$b24 = new sdk.B24Hook({ b24Url: new URL(webhook).origin, userId: +userId, secret })

for (const level of ['log', 'info', 'debug', 'warn', 'error']) {
  console[level] = (...words) => say(`console.${level}`, formatWithOptions({ colors: false }, ...words))
}
process.on('uncaughtExceptionMonitor', (error) => say('uncaught', String(error?.stack ?? error)))
writeFileSync(ready, '')
await import(pathToFileURL(`${folder}/example.mjs`))

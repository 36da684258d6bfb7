// @2bad/bitrix: GET; its exception's message has no code, but it carries the response's body.
import { createRequire } from 'node:module'
import { METHOD, refused, result, serve, version } from './protocol.mjs'

const [folder] = process.argv.slice(2)
const { Bitrix } = createRequire(`${folder}/`)('@2bad/bitrix')

// It tries as often as ever, but pauses for half a second at most.
const options = { retry: { calculateDelay: ({ computedValue }) => Math.min(computedValue, 500) } }

// A new instance for each call: an instance sends two requests a second, and no option lifts that.
const call = async (webhook, params) => {
  try {
    return result((await Bitrix(webhook, undefined, options).call(METHOD, params)).result)
  } catch (error) {
    const code = error.response?.body?.error
    if (typeof code !== 'string') throw error
    return refused(code, 'body', error.response.statusCode)
  }
}

serve('2bad-bitrix', version(folder, '@2bad/bitrix'), ({ portal }) => {
  return (params) => call(portal.webhook, params)
})

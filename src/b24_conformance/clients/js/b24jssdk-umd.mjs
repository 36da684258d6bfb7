// @bitrix24/b24jssdk as the documentation shows it for a page: the UMD build in the portal's frame.
import { UNPACED, shortenPauses, thrown } from './b24jssdk-common.mjs'
import { openFrame } from './frame.mjs'
import { METHOD, broken, result, serve, version } from './protocol.mjs'

const [folder, playwright, chromium] = process.argv.slice(2)
const script = `${folder}/node_modules/@bitrix24/b24jssdk/dist/umd/index.min.js`

// These two run in the page.
const start = async (unpaced) => {
  const restrictionParams = { ...B24Js.ParamsFactory.getDefault(), ...unpaced }
  globalThis.$b24 = await B24Js.initializeB24Frame({ restrictionParams })
}
const join = async (call) => {
  try {
    const answer = await $b24.actions.v2.call.make({ ...call, requestId: B24Js.Text.getUuidRfc4122() })
    return answer.isSuccess ? { value: answer.getData().result } : { what: answer.getErrorMessages().join() }
  } catch ({ code, name, message }) {
    return { error: { code, name, message } }
  }
}

serve('b24jssdk-umd', version(folder, '@bitrix24/b24jssdk'), async ({ portal }) => {
  const frame = await openFrame(playwright, chromium, portal, script, 'https://script.invalid/b24jssdk.js')
  await frame.evaluate(start, UNPACED)
  await frame.evaluate(`void (${shortenPauses})($b24)`)
  return async (params) => {
    const seen = await frame.evaluate(join, { method: METHOD, params })
    if (seen.error) return thrown(seen.error)
    return seen.what ? broken(seen.what) : result(seen.value)
  }
})

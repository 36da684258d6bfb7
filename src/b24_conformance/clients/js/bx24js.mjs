// BX24.js, the vendor's library for a page in the portal's frame, from a copy that its user gives.
import { openFrame, unlessSilent } from './frame.mjs'
import { METHOD, broken, refused, result, serve } from './protocol.mjs'

const [script, playwright, chromium] = process.argv.slice(2)

// These two run in the page. The answer of BX24.js holds itself, so only what is asked for leaves it.
const start = () => new Promise((resolve) => BX24.init(resolve))
const join = ({ method, params }) =>
  new Promise((resolve) =>
    BX24.callMethod(method, params, (answer) => {
      const error = answer.error()
      resolve(error ? { code: error.ex?.error, status: error.getStatus?.(), what: String(error) } : { value: answer.data() })
    })
  )

const NEVER = 'the callback was never called'
const open = async ({ portal }) => {
  const frame = await openFrame(playwright, chromium, portal, script, 'https://api.bitrix24.com/api/v1/')
  await frame.evaluate(start)
  return async (params) => {
    const called = frame.evaluate(join, { method: METHOD, params })
    const silence = { what: `${NEVER} within 1 s after the connection had ended` }
    const seen = await unlessSilent(frame.page(), called, silence)
    if (typeof seen.code === 'string') return refused(seen.code, 'field', seen.status)
    return seen.what ? broken(seen.what) : result(seen.value)
  }
}

serve('bx24js', null, open, NEVER)

// @bitrix24/b24jssdk, the official JavaScript SDK, by webhook or by OAuth, with either of its APIs.
import { UNPACED, shortenPauses, thrown } from './b24jssdk-common.mjs'
import { METHOD, broken, result, serve, version } from './protocol.mjs'

const [folder, api, longest] = process.argv.slice(2)
const sdk = await import(`${folder}/node_modules/@bitrix24/b24jssdk/dist/esm/index.mjs`)
const options = { restrictionParams: { ...sdk.ParamsFactory.getDefault(), ...UNPACED } }

function connect({ webhook, scheme, domain, access_token: accessToken, refresh_token: refreshToken }) {
  if (webhook) {
    const [, userId, secret] = new URL(webhook).pathname.split('/').filter(Boolean)
    return new sdk.B24Hook({ b24Url: new URL(webhook).origin, userId: +userId, secret }, options)
  }
  const endpoint = `${scheme}://${domain}/rest/`
  const tokens = { accessToken, refreshToken, expires: Math.floor(Date.now() / 1000) + 3600, expiresIn: 3600 }
  const place = { domain, memberId: 'm', clientEndpoint: endpoint, serverEndpoint: endpoint }
  return new sdk.B24OAuth({ ...tokens, ...place }, { clientId: 'local.0', clientSecret: 'unused' }, options)
}

serve('b24jssdk', version(folder, '@bitrix24/b24jssdk'), ({ portal }) => {
  const b24 = shortenPauses(connect(portal), longest)
  return async (params) => {
    try {
      const call = { method: METHOD, params, requestId: sdk.Text.getUuidRfc4122() }
      const answer = await (api === 'callMethod' ? b24.callMethod(METHOD, params) : b24.actions.v2.call.make(call))
      return answer.isSuccess ? result(answer.getData().result) : broken(answer.getErrorMessages().join())
    } catch (error) {
      return thrown(error)
    }
  }
})

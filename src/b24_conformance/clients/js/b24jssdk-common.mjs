// What the adapters of @bitrix24/b24jssdk share.
import { broken, refused } from './protocol.mjs'

// Its pace is lifted; how often it tries again after a failure stays as it is.
export const UNPACED = { rateLimit: { burstLimit: 1e6, drainRate: 1e6, adaptiveEnabled: false } }

/** Cuts its pauses between two tries to `longest` ms: after HTTP 429 it waits ten seconds each. */
export function shortenPauses(b24, longest = 500) {
  const pauses = b24.getHttpClient('v2')._restrictionManager
  const wait = pauses.waiteDelay.bind(pauses)
  pauses.waiteDelay = (ms) => wait(Math.min(ms, longest))
  return b24
}

// Codes that the SDK, or axios below it, makes up itself: the portal's code did not come through.
const OWN = /^(JSSDK_|ERR_|ECONN|NETWORK_ERROR$|REQUEST_TIMEOUT$)/

/** The answer for an exception of the SDK. */
export function thrown({ code, name, message, status }) {
  const portals = typeof code === 'string' && !OWN.test(code)
  return portals ? refused(code, 'field', status || undefined) : broken(`${name} ${code ?? ''}: ${message}`)
}

// A page in a real Chromium, in an iframe whose parent page plays the portal's frame. Neither page
// is served by anybody: the browser is given both, and only the calls of the method leave it.
import { createRequire } from 'node:module'

const ARGS = (
  '--no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking ' +
  '--disable-component-update --disable-sync'
).split(' ')
const ICON = '<!doctype html><link rel="icon" href="data:,">'

/** The portal's half of the handshake: `command:params?:callback:sid` in, `callback:JSON` out. */
function portalPage(portal, appUrl) {
  const auth = {
    AUTH_ID: portal.access_token,
    AUTH_EXPIRES: '3600',
    REFRESH_ID: portal.refresh_token,
    MEMBER_ID: 'd1f0f6a4c1b24d6f9d1b3c0a7e5f2b68'
  }
  const secure = portal.scheme === 'https' ? 1 : 0
  const place = { PATH: '/rest', PLACEMENT: 'DEFAULT', PLACEMENT_OPTIONS: {}, LANG: 'en', INSTALL: true }
  const user = { IS_ADMIN: false, FIRST_RUN: false, USER_OPTIONS: {}, APP_OPTIONS: {} }
  const init = { ...auth, ...place, ...user, DOMAIN: portal.domain, PROTOCOL: secure }
  const answers = JSON.stringify({ getInitData: init, refreshAuth: auth })
  return `${ICON}<iframe allow="local-network-access" name="${portal.domain}|${secure}|app" src="${appUrl}"></iframe><script>
    const answers = ${answers}
    addEventListener('message', ({ data, source, origin }) => {
      const words = String(data).split(':')
      const answer = answers[words[0]]
      if (answer) source.postMessage(words.at(-2) + ':' + JSON.stringify(answer), origin)
    })
  </script>`
}

/**
 * The frame of the application, with the client's `script` (a path) loaded from `scriptUrl`. It
 * lives on another origin than the portal, as an application does.
 */
export async function openFrame(playwright, executablePath, portal, script, scriptUrl) {
  const { chromium } = createRequire(`${playwright}/`)('playwright-core')
  // Playwright makes a fresh folder for the user's data, and ends the browser with this process.
  const browser = await chromium.launch({ executablePath, args: ARGS })
  // Pages that no server has served count as the internet's, which must not call loopback.
  const permissions = ['local-network-access']
  const page = await (await browser.newContext({ ignoreHTTPSErrors: true, permissions })).newPage()
  const frameUrl = `${portal.scheme}://${portal.domain}/frame-of-the-portal`
  const appUrl = `${portal.scheme}://localhost:${portal.domain.split(':')[1]}/application`
  const html = { [frameUrl]: portalPage(portal, appUrl), [appUrl]: `${ICON}<script src="${scriptUrl}"></script>` }
  for (const [url, body] of Object.entries(html)) {
    await page.route(url, (route) => route.fulfill({ contentType: 'text/html', body }))
  }
  await page.route(scriptUrl, (route) => route.fulfill({ contentType: 'text/javascript', path: script }))
  page.on('console', (message) => console.error(message.text()))
  page.on('pageerror', (error) => console.error(`uncaught: ${error}`))
  await page.goto(frameUrl)
  await page.unrouteAll() // while it routes, Playwright itself answers the preflights
  return page.frames()[1]
}

/** What `running` gives, or `what` once the last request of the page has been over for a second. */
export async function unlessSilent(page, running, what) {
  let timer, give
  const silent = new Promise((resolve) => (give = resolve))
  const begun = () => clearTimeout(timer)
  const ended = () => (begun(), (timer = setTimeout(give, 1000, what)))
  const events = { request: begun, requestfinished: ended, requestfailed: ended }
  for (const [name, then] of Object.entries(events)) page.on(name, then)
  try {
    return await Promise.race([running, silent])
  } finally {
    begun()
    for (const [name, then] of Object.entries(events)) page.off(name, then)
  }
}

// NOT BX24.js: a stand-in of as much of its public interface as the adapter uses, written for the
// tests of this project from what is documented and was observed of the vendor's library.
(() => {
  const [host, protocol, sid] = window.name.split('|')
  const origin = `${protocol === '1' ? 'https' : 'http'}://${host}`
  const waiting = {}
  let auth
  let count = 0

  addEventListener('message', ({ data }) => {
    const [, id, text] = /^(\w+):([^]*)$/.exec(data) ?? []
    waiting[id]?.(JSON.parse(text))
  })
  const ask = (command, params, then) => {
    const id = `call${++count}`
    waiting[id] = then
    parent.postMessage(`${command}:${params}:${id}:${sid}`, origin)
  }
  const answerOf = (request) => {
    const body = JSON.parse(request.responseText)
    const failed = request.status >= 400
    const error = { ex: body, toString: () => `${body.error}: ${body.error_description} (${request.status})` }
    body.ex = body // the vendor's answer holds itself, too
    return { error: () => (failed ? error : undefined), data: () => body.result, status: request.status }
  }

  window.BX24 = {
    init: (then) =>
      ask('getInitData', '', (data) => {
        auth = data.AUTH_ID
        then()
      }),
    callMethod(method, params, then) {
      const request = new XMLHttpRequest()
      request.open('POST', `${origin}/rest/${method}.json`)
      request.setRequestHeader('Content-Type', 'text/plain;charset=UTF-8')
      request.onload = () => {
        if (request.status >= 500) throw 'Query error!' // and the callback is never called
        then(answerOf(request))
      }
      const pairs = Object.entries(params).filter(([, value]) => value !== null)
      request.send(pairs.map(([name, value]) => `${name}=${encodeURIComponent(value)}`).concat(`auth=${auth}`).join('&'))
    }
  }
})()

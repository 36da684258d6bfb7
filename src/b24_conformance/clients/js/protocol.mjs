// The adapter protocol as a JavaScript adapter speaks it: one JSON object a line.
import { readFileSync } from 'node:fs'

export const METHOD = 'imopenlines.session.join'

/** The client refused to call; the message says why. */
export class NotSent extends Error {}

export const refused = (code, via = 'field', status) => ({ refused: code, via, status })
export const broken = (what) => ({ broken: what })

/** The answer to a call that returned `value`: nothing but true is a success. */
export const result = (value) =>
  value === true ? { joined: true } : broken(`the call returned ${JSON.stringify(value)}`)

/** The version of a package below `folder`, as it says itself. */
export function version(folder, name) {
  return JSON.parse(readFileSync(`${folder}/node_modules/${name}/package.json`, 'utf8')).version
}

/**
 * Answers every call on standard input until it ends. `makeCaller` gets the setup and gives a
 * function from parameters to an answer; `overdue` says what the caller saw if that never ends.
 */
export async function serve(adapter, client, makeCaller, overdue = 'the promise never settled') {
  const write = process.stdout.write.bind(process.stdout)
  // Standard output is for the protocol; whatever else is logged lands on standard error.
  process.stdout.write = process.stderr.write.bind(process.stderr)
  const say = (answer) => write(JSON.stringify(answer) + '\n')
  const input = lines(process.stdin)
  const setup = JSON.parse((await input.next()).value)
  const caller = await makeCaller(setup)
  say({ adapter, client })
  for await (const line of input) say(await answer(caller, line, setup.deadline_s, overdue))
  process.exit()
}

async function answer(caller, line, deadline, overdue) {
  const seconds = deadline * 0.9 // it must be told before the deadline
  let timer
  const late = new Promise((resolve) => {
    timer = setTimeout(resolve, seconds * 1000, broken(`${overdue} within ${seconds} s`))
  })
  try {
    return await Promise.race([caller(params(line)), late])
  } catch (error) {
    if (error instanceof NotSent) return { not_sent: error.message }
    return broken(`${error?.name ?? 'thrown'}: ${error?.message ?? error}`)
  } finally {
    clearTimeout(timer)
  }
}

/** The parameters of a call, unless JavaScript would make another number of CHAT_ID. */
function params(line) {
  const literal = /^\{"call": \{"CHAT_ID": (-?\d[\d.eE+-]*)\s*\}\}$/.exec(line)?.[1]
  const value = Number(literal)
  const whole = literal && /^-?\d+$/.test(literal)
  if (literal && (!Number.isFinite(value) || (whole && BigInt(literal) !== BigInt(value)))) {
    throw new NotSent(`JavaScript cannot hold the value ${literal}`)
  }
  return JSON.parse(line).call
}

// Not node:readline, which also ends a line at U+2028: that may stand in a text.
async function* lines(stream) {
  let rest = ''
  for await (const chunk of stream.setEncoding('utf8')) {
    const parts = (rest + chunk).split('\n')
    rest = parts.pop()
    yield* parts
  }
}

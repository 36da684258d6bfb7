// What an example says, one JSON object a line, in the file that the environment names.
import { appendFileSync } from 'node:fs'

export const say = (channel, text) => appendFileSync(process.env.EXAMPLE_EVENTS, JSON.stringify({ channel, text }) + '\n')

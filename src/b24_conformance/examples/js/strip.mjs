// Takes the types off a TypeScript example, as newer versions of node do by themselves: they become
// blanks. Older ones need the package amaro, which is the part of node that does it.
import * as module from 'node:module'
import { readFileSync, writeFileSync } from 'node:fs'

const [file, amaro] = process.argv.slice(2)
const byAmaro = (code) => module.createRequire(`${amaro}/`)('amaro').transformSync(code, { mode: 'strip-only' }).code
const strip = module.stripTypeScriptTypes ?? byAmaro
writeFileSync(file, strip(readFileSync(file, 'utf8')))

// `npm run cli -- …`: the command line from the sources, built when they changed. Prints nothing of its own.
import { buildIfNeeded, installPackages, runTool } from './prepare.mjs'

installPackages()
buildIfNeeded()
process.exitCode = runTool('node', ['out/main/cli.js', ...process.argv.slice(2)])

import { spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, relative } from 'node:path'
import { installPackages, runTool, toolEnvironment } from './prepare.mjs'

installPackages()
installSystemPackages()
installDocker()

const reports = mkdtempSync(join(tmpdir(), 'atlas-test-'))
/** The command line is started some hundred times: compiled once, it is there in half the time. */
const compiled = { NODE_COMPILE_CACHE: join(reports, 'compiled') }
const totals = { passed: 0, failed: 0, skipped: 0 }
/** What failed, for the end: a log is often kept by its tail. */
const failures = []
/** What passed only when it was run again: it counts as passed, and is a defect of the test or the product. */
const flaky = []

step('format and lint', 'biome', ['check', '.'])
step('types of the backend', 'tsc', ['-p', 'tsconfig.node.json'])
step('types of the screen', 'tsc', ['-p', 'tsconfig.web.json'])
step('import directions', 'depcruise', [
  '--config',
  '.dependency-cruiser.cjs',
  'src-main',
  'src-preload',
  'src-renderer',
])
step('build', 'electron-vite', ['build', '--logLevel', 'warn'])
for (const project of ['unit', 'db15', 'db18', 'docker']) {
  const report = join(reports, `${project}.json`)
  step(
    `tests ${project}`,
    'vitest',
    ['run', '--project', project, '--reporter', 'dot', '--reporter', 'json', '--outputFile.json', report],
    () => countVitest(report),
  )
}
const report = join(reports, 'e2e.json')
step('tests end to end', 'playwright', ['test'], () => countPlaywright(report), {
  PLAYWRIGHT_JSON_OUTPUT_NAME: report,
})

rmSync(reports, { recursive: true, force: true })
if (flaky.length > 0) console.log(`\n── passed only when run again\n${flaky.join('\n')}\n`)
if (failures.length > 0) console.log(`\n── failed\n${failures.join('\n')}\n`)
console.log(
  `${totals.passed} passed, ${totals.failed} failed${totals.skipped ? `, ${totals.skipped} skipped` : ''}`,
)
process.exit(totals.failed > 0 ? 1 : 0)

/** Runs one step and adds up what it counted; one that fails without a failed test counts as one failure. */
function step(title, command, args, count, variables = {}) {
  const begun = performance.now()
  console.log(`\n── ${title}`)
  const status = runTool(command, args, { env: { ...toolEnvironment, ...compiled, ...variables } })
  const known = failures.length
  const counted = count ? readCounts(count) : { passed: status === 0 ? 1 : 0, failed: 0, skipped: 0 }
  if (status !== 0) {
    counted.failed = Math.max(counted.failed, 1)
    if (failures.length === known) failures.push(`${title}: ended with ${status}`)
  }
  for (const key of Object.keys(totals)) totals[key] += counted[key]
  const seconds = ((performance.now() - begun) / 1000).toFixed(1)
  console.log(`── ${title}: ${status === 0 ? 'passed' : 'FAILED'} in ${seconds} s`)
}

function readCounts(count) {
  try {
    return count()
  } catch (error) {
    console.error(`The report cannot be read: ${error.message}`)
    return { passed: 0, failed: 1, skipped: 0 }
  }
}

function countVitest(file) {
  const { numPassedTests, numFailedTests, numPendingTests, testResults } = JSON.parse(
    readFileSync(file, 'utf8'),
  )
  for (const { name, message, assertionResults } of testResults) {
    const spec = relative('.', name)
    for (const { status, fullName, failureMessages } of assertionResults) {
      // The messages of one that passed are of its earlier attempts.
      const list = status === 'failed' ? failures : flaky
      if (failureMessages.length > 0) list.push(`${spec}: ${fullName}\n${failureMessages[0]}`)
    }
    if (message && !assertionResults.some(({ status }) => status === 'failed'))
      failures.push(`${spec}: ${message}`)
  }
  return { passed: numPassedTests, failed: numFailedTests, skipped: numPendingTests }
}

function countPlaywright(file) {
  const { stats, suites } = JSON.parse(readFileSync(file, 'utf8'))
  const specsOf = (suite) => [...suite.specs, ...(suite.suites ?? []).flatMap(specsOf)]
  for (const { file: spec, title, tests } of suites.flatMap(specsOf))
    for (const { status, results } of tests) {
      const message = results.find(({ error }) => error)?.error.message ?? ''
      if (status === 'flaky') flaky.push(`test/${spec} ${title}\n${message}`)
      if (status === 'unexpected') failures.push(`test/${spec} ${title}\n${message}`)
    }
  return { passed: stats.expected + stats.flaky, failed: stats.unexpected, skipped: stats.skipped }
}

/** The servers and the browser that the tests drive: installed as root on Debian, otherwise named. */
function installSystemPackages() {
  const needs = [
    ['postgresql-15', '/usr/lib/postgresql/15/bin/initdb'],
    ['pgbouncer', '/usr/sbin/pgbouncer'],
    ['redis-server', '/usr/bin/redis-server'],
    ['chromium', '/usr/bin/chromium'],
  ]
  const missing = needs.filter(([, file]) => !existsSync(file)).map(([name]) => name)
  if (missing.length === 0) return
  const command = `apt-get install --yes --no-install-recommends ${missing.join(' ')}`
  if (process.getuid?.() !== 0) {
    console.error(
      `The tests need ${missing.join(', ')}. Install them as root and run again:\n  sudo ${command}`,
    )
    process.exit(1)
  }
  console.error(`Installing ${missing.join(', ')}…`)
  const environment = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }
  const run = (line) =>
    spawnSync('sh', ['-c', line], { stdio: ['ignore', 'ignore', 'inherit'], env: environment }).status
  if (run(`apt-get update --quiet --quiet && ${command}`) !== 0) {
    console.error(`These packages could not be installed. Try it by hand:\n  ${command}`)
    process.exit(1)
  }
}

/** The Docker engine and the compose that the tests of the stack run against: as root on Debian; elsewhere these skip. */
function installDocker() {
  const needs = [
    ['docker.io', '/usr/sbin/dockerd'],
    ['docker-compose', '/usr/bin/docker-compose'],
    ['busybox-static', '/bin/busybox'],
  ]
  const missing = needs.filter(([, file]) => !existsSync(file)).map(([name]) => name)
  const isAble = process.getuid?.() === 0 && existsSync('/usr/bin/apt-get') && !process.env.ATLAS_TEST_DOCKER
  if (missing.length === 0 || !isAble) return
  console.error(`Installing ${missing.join(', ')}…`)
  const command = `apt-get update --quiet --quiet && apt-get install --yes --no-install-recommends ${missing.join(' ')}`
  const environment = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }
  const { status } = spawnSync('sh', ['-c', command], {
    stdio: ['ignore', 'ignore', 'inherit'],
    env: environment,
  })
  if (status !== 0) console.error('They could not be installed: the tests of Docker will be skipped.')
}

import { statfsSync } from 'node:fs'
import type Docker from 'dockerode'
import type { DockerEngine } from '../../adapters/docker.ts'
import { parseComposeFile } from '../compose/composeFile.ts'
import type { LoadedStack } from '../compose/project.ts'
import { describeEngine } from '../engine/describeEngine.ts'
import { label } from '../engine/labels.ts'
import { imageOf, readSnapshot, type Snapshot } from '../engine/snapshot.ts'
import { missingSecrets } from '../files/envFile.ts'
import { readText } from '../files/readText.ts'
import type { Finding } from '../planContract.ts'
import { publishedPorts } from '../states.ts'
import { checkFiles, checkSecrets } from './fileChecks.ts'
import { listKeptPasswords } from './keptPasswords.ts'
import { findPolicyQuestions } from './policy.ts'
import { findFreePort, findProcess, tryPort } from './portHolder.ts'

/** Images that their publishers took away, with what takes their place. */
const vanished: { name: RegExp; replacement: string }[] = [
  { name: /^(docker\.io\/)?minio\/minio(:|@|$)/, replacement: 'pgsty/minio:RELEASE.2026-06-18T00-00-00Z' },
  { name: /^(docker\.io\/)?bitnami\/([a-z0-9-]+)/, replacement: 'bitnamilegacy/$2' },
]

const gib = 1024 ** 3

interface Preflight {
  engine: DockerEngine
  stack: LoadedStack
  /** The same with the secrets that would be generated for it. */
  mended: LoadedStack
  /** The environment is a developer's own: weak passwords are a warning there and an error elsewhere. */
  isLocal: boolean
}

/** What stands in the way of bringing a stack up, each with what to do and, where Atlas can do it, the fix. */
export async function checkBeforeUp({ engine, stack, mended, isLocal }: Preflight): Promise<Finding[]> {
  const missing = Object.keys(missingSecrets(stack.folder, stack.variables) ?? {})
  const findings = [...checkFiles(stack, missing), ...checkSecrets(stack, missing, isLocal)]
  const report = await describeEngine(engine)
  if (report.status !== 'ready') {
    return [
      {
        check: 'engine',
        status: 'fail',
        object: report.fault?.object ?? 'Docker',
        message: report.message ?? 'There is no engine',
        next: report.fault?.next,
      },
      ...findings,
    ]
  }
  const ready: Finding = {
    check: 'engine',
    status: 'pass',
    object: report.address ?? '',
    message: `${report.product} ${report.version} answers (${report.source})`,
  }
  const kept = await engine.call(stack.project, (docker) => listKeptPasswords(docker, mended, stack))
  for (const { variable, message, next } of kept)
    findings.push({ check: 'secrets', status: 'warning', object: variable, message, next })
  const { model } = stack
  if (!model) return [ready, ...findings]
  const { snapshot, disk } = await engine.call(stack.project, async (docker) => ({
    snapshot: await readSnapshot(docker, model),
    disk: await checkDisk(docker),
  }))
  const ports = await engine.call(stack.project, (docker) => checkPorts(docker, stack, snapshot))
  return [ready, ...findings, ...ports, ...checkImages(stack, snapshot), ...disk, ...checkPolicy(stack)]
}

async function checkPorts(docker: Docker, stack: LoadedStack, snapshot: Snapshot): Promise<Finding[]> {
  const findings: Finding[] = []
  const running = await docker.listContainers({})
  const wanted = Object.entries(stack.model?.services ?? {}).flatMap(([service, model]) =>
    publishedPorts(model).map((port) => ({ service, ...port })),
  )
  const avoid = new Set(wanted.flatMap(({ hostPort }) => (hostPort === null ? [] : [hostPort])))
  for (const { service, hostIp, hostPort, protocol } of wanted) {
    if (hostPort === null || protocol !== 'tcp') continue
    const isOurs = snapshot.containers.some(
      ({ Labels, Ports, State }) =>
        State === 'running' &&
        Labels[label.service] === service &&
        Ports.some(({ PublicPort }) => PublicPort === hostPort),
    )
    if (isOurs) continue
    const host = hostIp === '' ? '0.0.0.0' : hostIp
    const outcome = await tryPort(host, hostPort)
    if (outcome === 'free') continue
    const object = `${host}:${hostPort}`
    if (outcome !== 'EADDRINUSE') {
      const message =
        outcome === 'EACCES'
          ? `${service} publishes ${hostPort}, which this user may not listen on`
          : `${service} publishes ${object}: ${outcome}`
      findings.push({ check: 'ports', status: 'warning', object, message })
      continue
    }
    const container = running.find(({ Ports }) => Ports.some(({ PublicPort }) => PublicPort === hostPort))
    const holder = container
      ? `the container ${container.Names[0]?.slice(1)}`
      : (findProcess(hostPort) ?? 'another program')
    const free = await findFreePort(host, hostPort, avoid)
    const variable = variableOf(stack, service, hostPort)
    if (free !== undefined) avoid.add(free)
    findings.push({
      check: 'ports',
      status: 'fail',
      object,
      message: `${service} publishes ${hostPort}, which ${holder} holds`,
      next:
        free === undefined
          ? 'Stop it, or choose another port.'
          : `Stop it, or publish ${free}, which is free.`,
      ...(free !== undefined &&
        variable && { fix: { id: `set:${variable}=${free}`, label: `Write ${variable}=${free} to .env` } }),
    })
  }
  return findings.length > 0
    ? findings
    : [
        {
          check: 'ports',
          status: 'pass',
          object: `${avoid.size} ports`,
          message: 'every port is free or ours',
        },
      ]
}

/** The variable that says a value in the field of a service: `${DB_PORT:-5432}` with 5432. */
function variableOf(
  { files, variables }: LoadedStack,
  service: string,
  value: string | number,
  field = 'ports',
): string | undefined {
  for (const path of files.toReversed()) {
    const services = parseComposeFile(readText(path), path).value.services as
      | Record<string, Record<string, unknown>>
      | undefined
    const text = JSON.stringify(services?.[service]?.[field] ?? '')
    for (const [, name = '', fallback = ''] of text.matchAll(
      /\$\{?([A-Za-z_][A-Za-z0-9_]*)(?::?-([^}]*))?\}?/g,
    ))
      if ((variables[name] || fallback) === String(value)) return name
  }
  return undefined
}

function checkImages(stack: LoadedStack, snapshot: Snapshot): Finding[] {
  const { model } = stack
  const findings = Object.entries(model?.services ?? {}).flatMap(([key, service]): Finding[] => {
    const image = model ? imageOf(model, key, service) : ''
    if (snapshot.images.has(image)) return []
    if (service.build)
      return [
        {
          check: 'images',
          status: 'warning',
          object: image,
          message: `${key}: the image is not there and will be built`,
        },
      ]
    const gone = vanished.find(({ name }) => name.test(image))
    if (gone) {
      const found = image.match(gone.name)?.[0] ?? image
      const replacement = found.replace(gone.name, gone.replacement).replace(/^\$2$/, '')
      const variable = variableOf(stack, key, image, 'image')
      return [
        {
          check: 'images',
          status: 'fail',
          object: image,
          message: `${key}: its publisher took this image away`,
          next: `Use ${replacement} in its place.`,
          ...(variable && {
            fix: { id: `set:${variable}=${replacement}`, label: `Write ${variable}=${replacement} to .env` },
          }),
        },
      ]
    }
    return service.pull_policy === 'never'
      ? [
          {
            check: 'images',
            status: 'fail',
            object: image,
            message: `${key}: the image is not there and may not be pulled`,
            next: 'Load or build it, or change its pull policy.',
          },
        ]
      : [
          {
            check: 'images',
            status: 'warning',
            object: image,
            message: `${key}: the image is not there and will be pulled`,
          },
        ]
  })
  return findings.length > 0
    ? findings
    : [
        {
          check: 'images',
          status: 'pass',
          object: `${snapshot.images.size} images`,
          message: 'every image is there',
        },
      ]
}

/** Only where the engine's folder is on this machine: inside a virtual machine nobody says how much is free. */
async function checkDisk(docker: Docker): Promise<Finding[]> {
  const { DockerRootDir: folder } = (await docker.info()) as { DockerRootDir?: string }
  if (!folder) return []
  try {
    const { bavail, bsize } = statfsSync(folder)
    const free = bavail * bsize
    const message = `${(free / gib).toFixed(1)} GiB free`
    const status = free < gib / 2 ? 'fail' : free < 4 * gib ? 'warning' : 'pass'
    return [
      {
        check: 'disk',
        status,
        object: folder,
        message,
        ...(status !== 'pass' && { next: 'Make room: docker system df shows what takes it.' }),
      },
    ]
  } catch {
    return []
  }
}

function checkPolicy(stack: LoadedStack): Finding[] {
  const questions = stack.model ? findPolicyQuestions(stack.model, stack) : []
  return questions.length === 0
    ? [{ check: 'policy', status: 'pass', object: 'containers', message: 'none reaches beyond the project' }]
    : questions.map(({ service, field, message }) => ({
        check: 'policy',
        status: 'warning',
        object: [service, field].filter(Boolean).join('.'),
        message,
        next: 'It is asked about before anything starts.',
      }))
}

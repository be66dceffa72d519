import { join, normalize, sep } from 'node:path'
import { pathToFileURL } from 'node:url'
import { net, protocol } from 'electron'

export const appUrl = 'atlas://app/'

const contentSecurityPolicy =
  "default-src 'self'; script-src 'self'; style-src 'self' 'unsafe-inline'; font-src 'self' data:; img-src 'self' data:; worker-src 'self' blob:; connect-src 'self'; object-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

/** Gives `atlas:` an origin of its own. Must run before the app is ready. */
export function registerScheme(): void {
  protocol.registerSchemesAsPrivileged([
    { scheme: 'atlas', privileges: { standard: true, secure: true, supportFetchAPI: true } },
  ])
}

/** Serves the built page, and nothing outside of its folder; what is no file is the page itself (its router decides). */
export function serveRenderer(root: string): void {
  const folder = join(root, 'out', 'renderer')
  protocol.handle('atlas', async (request) => {
    const { host, pathname } = new URL(request.url)
    if (host !== 'app') return new Response('Not found', { status: 404 })
    const path = normalize(join(folder, decodeURIComponent(pathname)))
    const isInside = path.startsWith(folder + sep)
    const file = isInside && /\.\w+$/.test(path) ? path : join(folder, 'index.html')
    const answer = await net.fetch(pathToFileURL(file).href)
    const headers = new Headers(answer.headers)
    headers.set('content-security-policy', contentSecurityPolicy)
    headers.set('x-content-type-options', 'nosniff')
    return new Response(answer.body, { status: answer.status, headers })
  })
}

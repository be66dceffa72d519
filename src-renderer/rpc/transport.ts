import type { Client, ClientContext } from '@orpc/client'
import { createORPCClient } from '@orpc/client'
import { RPCLink as PortLink } from '@orpc/client/message-port'
import { RPCLink as SocketLink } from '@orpc/client/websocket'
import type { ContractRouterClient } from '@orpc/contract'
import { WebSocket as ReconnectingSocket } from 'partysocket'
import type { Api } from '../../src-main/api.ts'
import { useConnectionStore } from './connection.ts'

export type AtlasClient = ContractRouterClient<Api>
export type AnyClient = Client<ClientContext, unknown, unknown, Error>

const environmentKey = 'atlas.environment'
const reloadMs = 1000
const retryMs = 300

/** The environment that this window works on, remembered for the window alone; undefined is the first one. */
export function chosenEnvironment(): string | undefined {
  return sessionStorage.getItem(environmentKey) ?? localStorage.getItem(environmentKey) ?? undefined
}

/** Turns the window to another environment: everything that the screen holds belongs to the old one, so it starts anew. */
export function switchEnvironment(id: string): void {
  sessionStorage.setItem(environmentKey, id)
  localStorage.setItem(environmentKey, id)
  window.location.reload()
}

/** Forgets a choice that no longer exists. */
export function forgetEnvironment(): void {
  sessionStorage.removeItem(environmentKey)
  localStorage.removeItem(environmentKey)
}

/**
 * A client over the message port that the preload hands over (Electron), or over a WebSocket (browser edition).
 * The socket reconnects by itself; calls that were under way when it broke fail.
 */
export async function openClient(): Promise<AtlasClient> {
  const isElectron = navigator.userAgent.includes('Electron/')
  return isElectron ? openPortClient() : openSocketClient()
}

async function openPortClient(): Promise<AtlasClient> {
  const port = await new Promise<MessagePort>((resolve) => {
    window.addEventListener('message', function receive(event: MessageEvent) {
      const first = event.ports[0]
      if (event.source !== window || event.data !== 'atlas:port' || !first) return
      window.removeEventListener('message', receive)
      resolve(first)
    })
    window.postMessage({ kind: 'atlas:ready', environment: chosenEnvironment() }, window.location.origin)
  })
  port.start()
  useConnectionStore.setState({ state: 'open' })
  // The data process fell and is started again: a new page asks for a port of the new one.
  port.addEventListener('close', () => {
    useConnectionStore.setState({ state: 'lost' })
    setTimeout(() => window.location.reload(), reloadMs)
  })
  return createORPCClient(new PortLink({ port }))
}

async function openSocketClient(): Promise<AtlasClient> {
  await exchangeToken()
  const url = new URL('/rpc', window.location.href)
  url.protocol = url.protocol === 'https:' ? 'wss:' : 'ws:'
  const environment = chosenEnvironment()
  if (environment) url.searchParams.set('environment', environment)
  const socket = new ReconnectingSocket(url.href, [], {
    maxReconnectionDelay: 3000,
    minReconnectionDelay: 300,
  })
  socket.addEventListener('open', () => useConnectionStore.setState({ state: 'open' }))
  socket.addEventListener('close', () => useConnectionStore.setState({ state: 'lost' }))
  return createORPCClient(new SocketLink({ websocket: socket as unknown as WebSocket }))
}

/** Trades the token of the address's fragment, once, for a cookie that no script can read, and forgets the fragment. */
async function exchangeToken(): Promise<void> {
  const token = new URLSearchParams(window.location.hash.slice(1)).get('token')
  if (!token) return
  history.replaceState(null, '', window.location.pathname + window.location.search)
  const answer = await postToken(token)
  if (!answer.ok) useConnectionStore.setState({ state: 'refused' })
}

/** A browser drops a request when a network interface comes or goes, and the address has the token no more. */
async function postToken(token: string): Promise<Response> {
  for (;;) {
    try {
      return await fetch('/session', {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ token }),
      })
    } catch {
      await new Promise((resolve) => setTimeout(resolve, retryMs))
    }
  }
}

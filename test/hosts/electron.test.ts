import { EventEmitter } from 'node:events'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeEach, expect, test, vi } from 'vitest'

// The one thing that cannot exist on every machine is Electron's binary: here its module is a stub that remembers.
const electron = vi.hoisted(() => ({
  windows: [] as { options: Record<string, unknown>; url?: string; isFocused?: boolean }[],
  appEvents: {} as Record<string, (...args: never[]) => void>,
  ipc: {} as Record<string, (...args: never[]) => void>,
  forked: [] as {
    path: string
    options: unknown
    messages: unknown[]
    child: EventEmitter
    isKilled?: boolean
  }[],
  schemes: [] as unknown[],
  hasLock: true,
  hasQuit: false,
  contents: undefined as EventEmitter | undefined,
  answer: 0,
}))

vi.mock('electron', () => {
  class BrowserWindow {
    static getAllWindows = () =>
      electron.windows.map((window) => ({
        isMinimized: () => true,
        restore: () => {},
        focus: () => (window.isFocused = true),
      }))
    entry: (typeof electron.windows)[number]
    webContents = new EventEmitter()
    constructor(options: Record<string, unknown>) {
      this.entry = { options }
      electron.windows.push(this.entry)
      electron.contents = this.webContents
    }
    once() {}
    loadURL(url: string) {
      this.entry.url = url
      return Promise.resolve()
    }
  }
  return {
    BrowserWindow,
    app: {
      enableSandbox: () => {},
      requestSingleInstanceLock: () => electron.hasLock,
      quit: () => {
        electron.hasQuit = true
      },
      whenReady: () => Promise.resolve(),
      on: (name: string, listener: () => void) => {
        electron.appEvents[name] = listener
      },
    },
    protocol: {
      registerSchemesAsPrivileged: (schemes: unknown[]) => electron.schemes.push(...schemes),
      handle: () => {},
    },
    net: {},
    dialog: { showMessageBoxSync: () => electron.answer },
    Menu: { setApplicationMenu: () => {}, buildFromTemplate: (template: unknown) => template },
    ipcMain: {
      on: (name: string, listener: () => void) => {
        electron.ipc[name] = listener
      },
    },
    MessageChannelMain: class {
      port1 = 'port of the data process'
      port2 = 'port of the window'
    },
    utilityProcess: {
      fork: (path: string, _args: string[], options: unknown) => {
        const child = new EventEmitter()
        const entry: (typeof electron.forked)[number] = { path, options, messages: [], child }
        electron.forked.push(entry)
        return Object.assign(child, {
          pid: electron.forked.length,
          postMessage: (...message: unknown[]) => entry.messages.push(message),
          kill: () => {
            entry.isKilled = true
            child.emit('exit')
          },
        })
      },
    },
  }
})

beforeEach(async () => {
  Object.assign(electron, { windows: [], appEvents: {}, ipc: {}, forked: [], schemes: [], hasQuit: false })
  vi.resetModules()
})

const startMain = () => import('../../src-main/hosts/electron/index.ts')

test('the window is sandboxed, isolated and without Node, and shows our own origin', async () => {
  electron.hasLock = true
  await startMain()
  expect(electron.windows).toHaveLength(1)
  expect(electron.windows[0]?.url).toBe('atlas://app/overview')
  expect(electron.windows[0]?.options.webPreferences).toMatchObject({
    sandbox: true,
    contextIsolation: true,
    nodeIntegration: false,
    webSecurity: true,
    webviewTag: false,
    preload: expect.stringMatching(/out.preload.index\.cjs$/),
  })
  expect(electron.schemes).toMatchObject([{ scheme: 'atlas', privileges: { standard: true, secure: true } }])
})

test('navigation, new windows, web views and permissions are denied', async () => {
  await startMain()
  const listeners: Record<string, (event: { url: string; preventDefault: () => void }) => void> = {}
  const handlers: Record<string, (...args: never[]) => unknown> = {}
  const contents = {
    on: (name: string, listener: (typeof listeners)[string]) => {
      listeners[name] = listener
    },
    setWindowOpenHandler: (handler: (typeof handlers)[string]) => {
      handlers.open = handler
    },
    session: {
      setPermissionRequestHandler: (handler: (typeof handlers)[string]) => {
        handlers.request = handler
      },
      setPermissionCheckHandler: (handler: (typeof handlers)[string]) => {
        handlers.check = handler
      },
    },
  }
  electron.appEvents['web-contents-created']?.({} as never, contents as never)
  const prevented = (name: string, url: string) => {
    const preventDefault = vi.fn()
    listeners[name]?.({ url, preventDefault })
    return preventDefault.mock.calls.length > 0
  }
  expect(prevented('will-navigate', 'https://evil.example/')).toBe(true)
  expect(prevented('will-navigate', 'atlas://app.evil.example/')).toBe(true)
  expect(prevented('will-navigate', 'atlas://app/schema')).toBe(false)
  expect(prevented('will-attach-webview', '')).toBe(true)
  expect(handlers.open?.({ url: 'https://evil.example/' } as never)).toEqual({ action: 'deny' })
  for (const permission of ['media', 'geolocation', 'notifications', 'openExternal']) {
    const answer = vi.fn()
    handlers.request?.(null as never, permission as never, answer as never)
    expect(answer).toHaveBeenCalledWith(false)
    expect(handlers.check?.(null as never, permission as never)).toBe(false)
  }
})

test('a page that asks before it is left is left only where the user says so', async () => {
  await startMain()
  const isLeft = (answer: number) => {
    electron.answer = answer
    const preventDefault = vi.fn()
    electron.contents?.emit('will-prevent-unload', { preventDefault })
    return preventDefault.mock.calls.length > 0
  }
  expect([isLeft(1), isLeft(0)]).toEqual([false, true])
})

test('a window gets one end of a channel, the data process the other; a foreign page gets none', async () => {
  await startMain()
  const posted: unknown[][] = []
  const ask = (url: string, environment: unknown) =>
    electron.ipc['atlas:connect']?.(
      {
        senderFrame: { url },
        sender: { postMessage: (...message: unknown[]) => posted.push(message) },
      } as never,
      environment as never,
    )
  ask('https://evil.example/', 'embedded')
  expect(posted).toEqual([])
  ask('atlas://app/overview', 'embedded')
  expect(posted).toEqual([['atlas:port', null, ['port of the window']]])
  expect(electron.forked[0]?.path).toMatch(/dataProcess\.js$/)
  expect(electron.forked[0]?.options).toMatchObject({ execArgv: ['--js-flags=--max-semi-space-size=8'] })
  expect(electron.forked[0]?.messages).toEqual([
    [{ kind: 'connect', environment: 'embedded' }, ['port of the data process']],
  ])
})

test('a second instance goes, and the first comes to the front', async () => {
  electron.hasLock = true
  await startMain()
  electron.appEvents['second-instance']?.()
  expect(electron.windows[0]?.isFocused).toBe(true)
  electron.hasLock = false
  electron.windows = []
  vi.resetModules()
  await startMain()
  expect(electron.hasQuit).toBe(true)
  expect(electron.windows).toEqual([])
})

test('a data process that dies is started again, ever more slowly; one that hangs cannot hold the app', async () => {
  vi.useFakeTimers()
  try {
    electron.hasLock = true
    await startMain()
    for (const pauseMs of [200, 400, 800]) {
      const { length } = electron.forked
      electron.forked.at(-1)?.child.emit('exit')
      await vi.advanceTimersByTimeAsync(pauseMs - 1)
      expect(electron.forked).toHaveLength(length)
      await vi.advanceTimersByTimeAsync(1)
      expect(electron.forked).toHaveLength(length + 1)
    }
    const preventDefault = vi.fn()
    electron.appEvents['before-quit']?.({ preventDefault } as never)
    expect(preventDefault).toHaveBeenCalled()
    expect(electron.forked.at(-1)?.messages.at(-1)).toEqual([{ kind: 'stop' }])
    expect(electron.hasQuit).toBe(false)
    await vi.advanceTimersByTimeAsync(15_000)
    expect(electron.forked.at(-1)?.isKilled).toBe(true)
    expect(electron.hasQuit).toBe(true)
  } finally {
    vi.useRealTimers()
  }
})

test('the preload names no capability', () => {
  const source = readFileSync(join(import.meta.dirname, '..', '..', 'src-preload', 'index.ts'), 'utf8')
  expect(source).not.toMatch(/contextBridge|migrations|pipelines|console|schema/)
})

import { join } from 'node:path'
import { BrowserWindow, dialog, type WebContents } from 'electron'
import { appUrl } from './protocol.ts'

/** Opens a window as the security checklist of Electron asks: sandboxed, isolated, without Node. */
export function openWindow(root: string): BrowserWindow {
  const window = new BrowserWindow({
    width: 1440,
    height: 900,
    minWidth: 960,
    minHeight: 600,
    show: false,
    backgroundColor: '#f1f2f5',
    title: 'Atlas Desktop',
    webPreferences: {
      preload: join(root, 'out', 'preload', 'index.cjs'),
      sandbox: true,
      contextIsolation: true,
      nodeIntegration: false,
      webSecurity: true,
      webviewTag: false,
    },
  })
  // Electron shows no question of its own for a page that asks before it is left, and would just not close.
  window.webContents.on('will-prevent-unload', (event) => {
    const answer = dialog.showMessageBoxSync(window, {
      type: 'question',
      message: 'Staged changes are not applied yet',
      detail: 'They wait, and are here when Atlas Desktop is opened again.',
      buttons: ['Leave', 'Stay'],
      defaultId: 1,
      cancelId: 1,
    })
    if (answer === 0) event.preventDefault()
  })
  window.once('ready-to-show', () => window.show())
  void window.loadURL(`${appUrl}overview`)
  return window
}

/** A page goes nowhere else, opens nothing, embeds nothing, and is granted nothing. */
export function denyEverythingElse(contents: WebContents): void {
  contents.on('will-navigate', (event) => {
    if (!event.url.startsWith(appUrl)) event.preventDefault()
  })
  contents.on('will-attach-webview', (event) => event.preventDefault())
  contents.setWindowOpenHandler(() => ({ action: 'deny' }))
  contents.session.setPermissionRequestHandler((_contents, permission, answer) =>
    answer(permission === 'clipboard-sanitized-write'),
  )
  contents.session.setPermissionCheckHandler(
    (_contents, permission) => permission === 'clipboard-sanitized-write',
  )
}

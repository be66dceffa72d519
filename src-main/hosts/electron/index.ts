import { fileURLToPath } from 'node:url'
import { app, BrowserWindow } from 'electron'
import { readConfig } from '../../config.ts'
import { connectWindows, startDataProcess } from './dataHost.ts'
import { setMenu } from './menu.ts'
import { registerScheme, serveRenderer } from './protocol.ts'
import { denyEverythingElse, openWindow } from './window.ts'

// The main process only holds windows. All work is in the data process, so that nothing can freeze a window.
registerScheme()
app.enableSandbox()

if (!app.requestSingleInstanceLock()) {
  app.quit()
} else {
  app.on('second-instance', () => {
    const window = BrowserWindow.getAllWindows()[0]
    if (window?.isMinimized()) window.restore()
    window?.focus()
  })
  app.on('web-contents-created', (_event, contents) => denyEverythingElse(contents))
  await app.whenReady()

  const config = readConfig()
  const data = startDataProcess(fileURLToPath(new URL('dataProcess.js', import.meta.url)))
  serveRenderer(config.root)
  connectWindows(data)
  setMenu()
  openWindow(config.root)

  app.on('activate', () => {
    if (BrowserWindow.getAllWindows().length === 0) openWindow(config.root)
  })
  app.on('window-all-closed', () => {
    if (process.platform !== 'darwin') app.quit()
  })
  let isStopped = false
  app.on('before-quit', (event) => {
    if (isStopped) return
    // The data process closes what it opened, the embedded server last; then the app goes.
    event.preventDefault()
    void data.stop().then(() => {
      isStopped = true
      app.quit()
    })
  })
}

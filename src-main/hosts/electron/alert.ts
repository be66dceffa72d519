import { BrowserWindow, Notification } from 'electron'

/**
 * Shows what was waited for as a notification of the system. The main process does it, so that no page is granted any; it
 * holds the condition and no value of a result, since it may stand on a locked screen.
 */
export function showAlert(title: string): void {
  if (!Notification.isSupported()) return
  // Some notification servers of Linux read the body as markup.
  const body = title.replaceAll(/[<>&]/g, (sign) => ({ '<': '‹', '>': '›', '&': '+' })[sign] ?? '')
  const notification = new Notification({ title: 'Atlas Desktop', body })
  notification.on('click', () => {
    const window = BrowserWindow.getAllWindows()[0]
    if (window?.isMinimized()) window.restore()
    window?.focus()
  })
  notification.show()
}

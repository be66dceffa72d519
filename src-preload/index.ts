import { ipcRenderer } from 'electron'

// The bridge names no capability: it asks the main process for a message port to the data process and hands it to
// the page. Everything else is said over that port, in the words of the contract.
window.addEventListener('message', (event) => {
  if (event.source !== window || event.data?.kind !== 'atlas:ready') return
  ipcRenderer.send(
    'atlas:connect',
    typeof event.data.environment === 'string' ? event.data.environment : undefined,
  )
})

ipcRenderer.on('atlas:port', (event) => {
  window.postMessage('atlas:port', window.location.origin, event.ports)
})

// A browser drops what it is fetching when a network interface comes or goes, as each network of containers does; a
// page of which one script or style is missing stays empty. It is loaded again, a few times and more and more slowly.
// In a file of its own, because nothing else of the page may have come.
{
  const key = 'atlas.reloads'
  const most = 5
  addEventListener(
    'error',
    ({ target }) => {
      const isNeeded =
        target instanceof HTMLScriptElement ||
        (target instanceof HTMLLinkElement && target.rel === 'stylesheet')
      if (!isNeeded) return
      const times = Number(sessionStorage.getItem(key) ?? 0)
      sessionStorage.setItem(key, String(times + 1))
      if (times < most) setTimeout(() => location.reload(), 250 * 2 ** times)
      else
        document.body.textContent =
          'Atlas could not be loaded. Check that it still runs, then load this page again.'
    },
    true,
  )
  addEventListener('load', () => sessionStorage.removeItem(key))
}

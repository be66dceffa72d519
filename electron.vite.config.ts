import { chmodSync } from 'node:fs'
import { join } from 'node:path'
import react from '@vitejs/plugin-react'
import { defineConfig } from 'electron-vite'

/** `bin` of package.json names it: it can be called by its path, and not only by a package manager's link. */
const runnableCommand = {
  name: 'runnable-command',
  writeBundle: ({ dir = '' }: { dir?: string }) => chmodSync(join(dir, 'cli.js'), 0o755),
}

export default defineConfig({
  main: {
    plugins: [runnableCommand],
    build: {
      outDir: 'out/main',
      externalizeDeps: true,
      sourcemap: true,
      rolldownOptions: {
        input: {
          cli: 'src-main/hosts/cli/index.ts',
          worker: 'src-main/hosts/worker/index.ts',
          electron: 'src-main/hosts/electron/index.ts',
          dataProcess: 'src-main/hosts/electron/dataProcess.ts',
        },
        output: { format: 'es', entryFileNames: '[name].js', chunkFileNames: 'chunks/[name]-[hash].js' },
      },
    },
  },
  preload: {
    build: {
      outDir: 'out/preload',
      rolldownOptions: {
        input: { index: 'src-preload/index.ts' },
        output: { format: 'cjs', entryFileNames: '[name].cjs' },
      },
    },
  },
  renderer: {
    root: 'src-renderer',
    plugins: [react()],
    build: {
      outDir: 'out/renderer',
      minify: true,
      target: 'es2024',
      // Monaco and elkjs are loaded with the views that show them, whole.
      chunkSizeWarningLimit: 8000,
      rolldownOptions: { input: 'src-renderer/index.html' },
    },
  },
})

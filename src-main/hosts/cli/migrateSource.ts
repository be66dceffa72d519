import type { Command } from 'commander'

interface SourceOptions {
  folder?: string
  project?: string
}

/** Which migrations a command is about. */
export function sourceOf(command: Command): SourceOptions {
  const { folder, project } = command.optsWithGlobals<SourceOptions>()
  return { ...(folder ? { folder } : {}), ...(project ? { project } : {}) }
}

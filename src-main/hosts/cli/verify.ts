import { writeFile } from 'node:fs/promises'
import type { Command } from 'commander'
import { formatTable, print, printJson } from './output.ts'
import { withServices } from './session.ts'

/** `verify [--markdown FILE] [--junit FILE]` */
export function addVerify(program: Command): void {
  program
    .command('verify')
    .description('the 15 checks of a deployed platform; fails when one fails')
    .option('--markdown <file>', 'write the report as Markdown')
    .option('--junit <file>', 'write the report as JUnit XML')
    .action((options: { markdown?: string; junit?: string }, command: Command) =>
      withServices(command, async ({ services, isJson }) => {
        const report = await services.verification.run(undefined, {})
        for (const format of ['markdown', 'junit'] as const) {
          const file = options[format]
          if (file) await writeFile(file, (await services.verification.export({ format }, {})).text)
        }
        const { passed, failed, skipped, checks } = report
        if (isJson) printJson({ passed, failed, skipped, checks })
        else {
          const rows = checks.map((check) => [check.status, check.category, check.name, check.detail])
          print(formatTable(['result', 'category', 'check', 'detail'], rows))
          print(`${passed} passed, ${failed} failed, ${skipped} skipped`)
        }
        return failed === 0
      }),
    )
}

import type { Command } from 'commander'
import { formatTable, print, printJson } from './output.ts'
import { withServices } from './session.ts'
import { type StackOptions, selectionOf } from './stackSelection.ts'

/** `stack plan|config|doctor`: what is read and changes nothing but, with `--fix`, `.env`. */
export function addStackChecks(add: (name: string, description: string) => Command): void {
  add('plan [services...]', 'what up would create, change and leave; changes nothing')
    .option('--build', 'as up --build would')
    .action((names: string[], options: StackOptions & { build?: boolean }, command: Command) =>
      withServices(command, async ({ services, isJson }) => {
        const plan = await services.stack.plan(
          { ...selectionOf(options), services: names, shouldBuild: options.build },
          {},
        )
        if (isJson) printJson(plan)
        else {
          print(
            formatTable(
              ['', 'name', 'action', 'why'],
              plan.steps.map(({ kind, name, action, reason }) => [kind, name, action, reason]),
            ),
          )
          for (const { name, changes, keptVolumes } of plan.steps) {
            for (const { field, before, after } of changes)
              print(`${name}: ${field}: ${before ?? '∅'} → ${after ?? '∅'}`)
            if (keptVolumes.length > 0)
              print(`${name}: ${keptVolumes.join(', ')} ${keptVolumes.length === 1 ? 'stays' : 'stay'}`)
          }
          if (plan.orphans.length > 0) print(`no file knows ${plan.orphans.join(', ')}`)
          for (const { id, service, field, message } of plan.questions)
            print(`asks ${id}: ${service}.${field}: ${message}`)
        }
        return true
      }),
    )

  add('config', 'the files merged, interpolated and written out in full').action(
    (options: StackOptions, command: Command) =>
      withServices(command, async ({ services, isJson }) => {
        const { yaml, model } = await services.stack.config(selectionOf(options), {})
        if (isJson) printJson(model)
        else print(yaml.trimEnd())
        return true
      }),
  )

  add('doctor', 'what stands in the way of up; fails when something does')
    .option('--fix', 'do what Atlas can: free ports and generated passwords go to .env')
    .action((options: StackOptions & { fix?: boolean }, command: Command) =>
      withServices(command, async ({ services, isJson }) => {
        const selection = selectionOf(options)
        const written: string[] = []
        let findings = await services.stack.doctor(selection, {})
        // Passwords come first: without them the files, and so their ports, cannot be read.
        for (let round = 0; options.fix && round < 3 && findings.some(({ fix }) => fix); round += 1) {
          for (const { fix } of findings) {
            if (fix) written.push(...(await services.stack.fix({ ...selection, id: fix.id }, {})).written)
          }
          findings = await services.stack.doctor(selection, {})
        }
        if (isJson) printJson({ findings, written })
        else {
          print(
            formatTable(
              ['check', 'result', 'on', 'what', 'next'],
              findings.map(({ check, status, object, message, next }) => [
                check,
                status,
                object,
                message,
                next ?? '',
              ]),
            ),
          )
          if (written.length > 0) print(`written to .env: ${written.join(', ')}`)
        }
        return findings.every(({ status }) => status !== 'fail')
      }),
    )
}

import { GuardDialog } from './GuardDialog.tsx'
import { ParametersDialog } from './ParametersDialog.tsx'
import { PreviewDialog } from './PreviewDialog.tsx'
import type { useRun } from './useRun.ts'

/** What a run may ask before it begins: values, a yes, and what to do with a preview. */
export function RunDialogs({ running }: { running: ReturnType<typeof useRun> }) {
  const { run, preview, waiting, previewed, asking, parametersOf, dismiss } = running
  return (
    <>
      {asking && (
        <ParametersDialog
          asked={asking.asked}
          known={parametersOf(asking.id)}
          onRun={(parameters) => void run(asking.id, asking.source, asking.target, { parameters })}
          onClose={dismiss}
        />
      )}
      {waiting && (
        <GuardDialog
          waiting={waiting}
          onRun={(typedName) =>
            void run(waiting.id, waiting.source, waiting.target, {
              parameters: waiting.parameters,
              isConfirmed: true,
              typedName,
            })
          }
          onPreview={() => void preview(waiting)}
          onClose={dismiss}
        />
      )}
      {previewed && (
        <PreviewDialog
          preview={previewed.preview}
          onEnd={(how) => {
            dismiss()
            void run(previewed.id, { text: how })
          }}
          onClose={dismiss}
        />
      )}
    </>
  )
}

import { create } from 'zustand'

type Cells = Record<string, string | null>

/** What was typed into forms of rows and not staged yet, by table and row. It lasts as long as the window. */
const useStore = create<{ texts: Record<string, Cells> }>(() => ({ texts: {} }))

const ask = (event: BeforeUnloadEvent) => event.preventDefault()

useStore.subscribe(({ texts }) => {
  if (Object.keys(texts).length > 0) window.addEventListener('beforeunload', ask)
  else window.removeEventListener('beforeunload', ask)
})

export const unfinishedText = (id: string): Cells | undefined => useStore.getState().texts[id]

/** Keeps what stands in a form; undefined once it is staged or forgotten. */
export function keepUnfinished(id: string, text: Cells | undefined): void {
  const { [id]: _was, ...others } = useStore.getState().texts
  useStore.setState({ texts: text === undefined ? others : { ...others, [id]: text } })
}

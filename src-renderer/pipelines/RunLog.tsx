import { useEffect, useRef, useState } from 'react'
import type { LogLine } from '../../src-main/pipelines/contract.ts'
import { client } from '../rpc/client.ts'
import { FilterInput } from '../ui/FilterInput.tsx'
import { formatExact, formatTime } from '../ui/format.ts'

interface Props {
  runId: string
  isOpen: boolean
  tasks: string[]
}

/** The log of a run, followed while it runs; the filter reads all of it. */
export function RunLog({ runId, isOpen, tasks }: Props) {
  const [lines, setLines] = useState<LogLine[]>([])
  const [task, setTask] = useState('')
  const [text, setText] = useState('')
  const [isFollowing, setFollowing] = useState(true)
  const end = useRef<HTMLLIElement>(null)

  useEffect(() => {
    let afterId = 0
    let isStopped = false
    const read = async () => {
      const more = await client.pipelines.listLogs({ runId, afterId }).catch(() => [])
      if (isStopped || more.length === 0) return
      afterId = more.at(-1)?.id ?? afterId
      setLines((before) => [...before, ...more])
    }
    void read()
    // Once more after the end: the last lines are written beside the transaction that ends the run.
    const timer = setInterval(read, isOpen ? 700 : 3000)
    return () => {
      isStopped = true
      clearInterval(timer)
      setLines([])
    }
  }, [runId, isOpen])

  // biome-ignore lint/correctness/useExhaustiveDependencies: scrolls whenever there are more lines
  useEffect(() => {
    if (isFollowing) end.current?.scrollIntoView({ block: 'nearest' })
  }, [lines.length, isFollowing])

  const shown = lines.filter(
    (line) => (task === '' || line.task === task) && line.message.toLowerCase().includes(text.toLowerCase()),
  )
  return (
    <div className="runlog">
      <div className="toolbar runlog__bar">
        <b className="small">Log</b>
        <span className="t3 small num">
          {shown.length === lines.length ? lines.length : `${shown.length} of ${lines.length}`}
        </span>
        <span className="toolbar__fill" />
        <select
          className="input input--sm"
          style={{ width: 150 }}
          aria-label="Task"
          value={task}
          onChange={(event) => setTask(event.target.value)}
        >
          <option value="">All tasks</option>
          {tasks.map((id) => (
            <option key={id}>{id}</option>
          ))}
        </select>
        <div className="runlog__find">
          <FilterInput label="Search the log" value={text} onChange={setText} />
        </div>
        <label className="check small">
          <input
            type="checkbox"
            checked={isFollowing}
            onChange={(event) => setFollowing(event.target.checked)}
          />
          Follow
        </label>
      </div>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a long log is scrolled with the keyboard */}
      <ol className="runlog__lines" style={{ overflow: 'auto' }} tabIndex={0} aria-label="Log lines">
        {shown.map((line) => (
          <li
            key={line.id}
            className={`runlog__line${line.level === 'info' || line.level === 'debug' ? '' : ' runlog__line--warn'}`}
          >
            <span className="t3" title={formatExact(line.at)}>
              {formatTime(line.at).slice(12)}
            </span>
            <span className="t2 clip">{line.task}</span>
            <span className={`runlog__level${line.level === 'error' ? ' t-fail' : ''}`}>
              {line.level === 'warning' ? 'warn' : line.level}
            </span>
            <span className="clip" title={line.message}>
              {line.message}
            </span>
          </li>
        ))}
        <li ref={end} />
      </ol>
    </div>
  )
}

import { expect, test } from 'vitest'
import { levelOf, plainText } from '../../src-main/logs/level.ts'

test.each([
  ['2026-11-25 09:49:37.124 UTC [1] LOG:  database system is ready', 'info'],
  ['2026-11-25 09:49:37.124 UTC [64] ERROR:  relation "x" does not exist at character 15', 'error'],
  ['2026-11-25 09:49:37.124 UTC [64] WARNING:  there is no transaction in progress', 'warn'],
  ['2026-11-25 09:49:37.124 UTC [64] FATAL:  password authentication failed for user "u"', 'error'],
  ['1:M 25 Nov 2026 09:12:19.640 * Background saving terminated with success', 'info'],
  ['1:M 25 Nov 2026 09:12:19.640 # WARNING Memory overcommit must be enabled!', 'warn'],
  ['{"level":50,"time":1,"msg":"failed"}', 'error'],
  ['{"time":"x","severity":"WARNING","message":"late"}', 'warn'],
  ['time=2026-11-25 level=debug msg="x"', 'debug'],
  ['\u001b[33mWARN\u001b[0m  [main] pool is small', 'warn'],
  ['09:12:24 | ERROR   | flow run crashed', 'error'],
  ['GET /error/page 200', 'none'],
  ['nothing to see', 'none'],
])('%s is %s', (line, level) => {
  expect(levelOf(line, 'none')).toBe(level)
})

test('what continues a line shares its level', () => {
  expect(levelOf('2026-11-25 09:49:37 UTC [64] DETAIL:  Key (id)=(1) already exists.', 'error')).toBe('error')
  expect(levelOf('    at Object.<anonymous> (file.js:1:1)', 'error')).toBe('error')
  expect(levelOf('a line of its own', 'error')).toBe('none')
})

test('codes of terminals are no text', () => {
  expect(plainText('\u001b[1;31mred\u001b[0m \u001b]0;title\u0007end\u001b[2K')).toBe('red end')
})

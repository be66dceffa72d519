import { existsSync, mkdirSync, renameSync, rmSync, statSync } from 'node:fs'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { AtlasError } from '../errors.ts'

const backupAgeMs = 24 * 3600 * 1000

/**
 * Opens `atlas.db` of a data folder and lets `migrate` bring it up to date in one transaction. A file that is damaged
 * (cut off, overwritten, empty pages) is set aside, never deleted, and yesterday's copy takes its place; without a copy
 * a new one begins. The folder `atlas.db.damaged-…` tells of it, and the log does.
 *
 * Throws `FILE_UNREADABLE` where the folder cannot be used, `CONFLICT` where another process holds the file locked.
 */
export function openAppDbFile(home: string, migrate: (db: Database.Database) => void): Database.Database {
  const file = join(home, 'atlas.db')
  try {
    mkdirSync(home, { recursive: true })
    const db = openSound(file, migrate) ?? openSound(restore(file), migrate)
    if (!db) throw new Error('a database that was just made is damaged')
    backUp(db, `${file}.backup`)
    return db
  } catch (error) {
    throw explain(error, home)
  }
}

/** What a file says that a later release wrote: this one would not understand it, so it does not touch it. */
export function newerAppDb(home: string): AtlasError {
  return new AtlasError('UNSUPPORTED', 'A newer Atlas wrote this data folder', {
    object: join(home, 'atlas.db'),
    saved: 'Nothing was changed in it.',
    next: 'Start the newer Atlas, or set ATLAS_HOME to another folder.',
  })
}

/** Undefined where the file is damaged; the handle is closed then. */
function openSound(file: string, migrate: (db: Database.Database) => void): Database.Database | undefined {
  const db = new Database(file, { timeout: 5000 })
  try {
    db.pragma('journal_mode = wal')
    db.pragma('synchronous = full')
    if (db.pragma('quick_check(1)', { simple: true }) !== 'ok') throw damaged
    db.transaction(() => migrate(db)).immediate()
    return db
  } catch (error) {
    db.close()
    if (error === damaged || isDamage(error)) return undefined
    throw error
  }
}

const damaged = new Error('damaged')
const isDamage = (error: unknown) => /^SQLITE_(CORRUPT|NOTADB)/.test((error as { code?: string }).code ?? '')

/** Sets the damaged file aside with what belongs to it, and puts the copy in its place where there is one. */
function restore(file: string): string {
  const aside = `${file}.damaged-${new Date().toISOString().replaceAll(/[:.]/g, '')}`
  for (const part of ['', '-wal', '-shm']) {
    if (existsSync(file + part)) renameSync(file + part, aside + part)
  }
  if (existsSync(`${file}.backup`)) renameSync(`${file}.backup`, file)
  return file
}

/** A whole copy once a day, written beside the old one and then put in its place. */
function backUp(db: Database.Database, copy: string) {
  if (existsSync(copy) && Date.now() - statSync(copy).mtimeMs < backupAgeMs) return
  const next = `${copy}.${process.pid}`
  try {
    db.prepare('vacuum into ?').run(next)
    renameSync(next, copy)
  } catch {
    // No room for a copy is no reason not to start.
    rmSync(next, { force: true })
  }
}

function explain(error: unknown, home: string): unknown {
  if (error instanceof AtlasError) return error
  const { code = '' } = error as NodeJS.ErrnoException
  if (code === 'SQLITE_BUSY') {
    return new AtlasError('CONFLICT', 'Another process holds the data folder', {
      object: home,
      sqlState: code,
      saved: 'Nothing was changed in it.',
      next: 'End the other Atlas, or set ATLAS_HOME to another folder.',
    })
  }
  if (!/^(E[A-Z]+|SQLITE_(CANTOPEN|READONLY|FULL|IOERR|PERM).*)$/.test(code)) return error
  return new AtlasError(
    code === 'ENOSPC' || code === 'SQLITE_FULL' ? 'DISK_FULL' : 'FILE_UNREADABLE',
    'The data folder cannot be used',
    {
      object: home,
      sqlState: code,
      saved: 'Nothing was changed in it.',
      next: 'Give it space and its user the right to write, or set ATLAS_HOME to another folder.',
    },
    { cause: error },
  )
}

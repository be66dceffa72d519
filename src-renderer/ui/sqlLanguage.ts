import * as monaco from 'monaco-editor/editor'
import { conf, language } from 'monaco-editor/languages/definitions/pgsql/pgsql'

export const sqlLanguage = 'atlas-sql'

// Monaco's list holds the reserved words alone; these begin statements or join their parts just the same.
const unreserved =
  'ABORT ADD AFTER ALTER ATTACH BEFORE BEGIN BY CALL CASCADE CLOSE COMMENT COMMIT CONFLICT COPY DATABASE DECLARE DELETE DETACH DROP EXECUTE EXISTS EXPLAIN EXTENSION FETCH FIRST FOLLOWING FUNCTION IF INDEX INSERT INTERVAL ISOLATION KEY LANGUAGE LAST LEVEL LISTEN LOCK MATERIALIZED MERGE NEXT NO NOTHING NOTIFY NULLS OF OVER PARTITION POLICY PRECEDING PREPARE PROCEDURE RANGE RECURSIVE REFRESH REINDEX RELEASE REPEATABLE REPLACE RESET RESTRICT RETURNS REVOKE ROLE ROLLBACK ROW ROWS SAVEPOINT SCHEMA SECURITY SEQUENCE SERIALIZABLE SET SHOW START TEMP TRANSACTION TRIGGER TRUNCATE TYPE UPDATE VACUUM VALUES VIEW'.split(
    ' ',
  )

monaco.languages.register({ id: sqlLanguage })
monaco.languages.setLanguageConfiguration(sqlLanguage, conf)
monaco.languages.setMonarchTokensProvider(sqlLanguage, {
  ...language,
  keywords: [...new Set([...language.keywords, ...unreserved])],
})

/**
 * What a deployed platform holds: the names and numbers of its specification. A platform may hold more (further
 * partitions, tables that pipelines made), never less.
 */
export const expectedTables = {
  explore: ['source_systems', 'raw_data_template'],
  chart: ['staging_template'],
  navigate: ['dimension_template', 'fact_template', 'dim_customer'],
  pipeline: [
    'pipelines',
    'pipeline_tasks',
    'task_dependencies',
    'pipeline_runs',
    'task_runs',
    'run_logs',
    'schedules',
    'checkpoints',
    'parameters',
    'lineage_events',
    'alerts',
  ],
  quality: [
    'dimensions',
    'rules',
    'rule_assignments',
    'test_runs',
    'failed_samples',
    'table_profiles',
    'column_profiles',
    'table_scores',
    'anomalies',
  ],
  compliance: [
    'classification_levels',
    'data_assets',
    'pii_patterns',
    'pii_detections',
    'audit_log',
    'data_subject_requests',
    'request_actions',
    'consent_records',
    'retention_policies',
    'legal_holds',
    'processing_activities',
  ],
  archive: ['snapshot_manifest'],
} as const satisfies Record<string, readonly string[]>

export type PlatformSchema = keyof typeof expectedTables

const range = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, index) => from + index)

/** The partitions that the migrations create, by parent. */
export const expectedPartitions = {
  'explore.raw_data_template': [
    ...['2025_10', '2025_11', '2025_12', '2026_01', '2026_02'].map((month) => `raw_data_${month}`),
    'raw_data_default',
  ],
  'navigate.fact_template': [...range(2024, 2027).map((year) => `fact_${year}`), 'fact_default'],
  'compliance.audit_log': [
    ...[2025, 2026].flatMap((year) => range(1, 4).map((quarter) => `audit_log_${year}_q${quarter}`)),
    'audit_log_default',
  ],
} as const satisfies Record<string, readonly string[]>

/** Rows that the migrations seed; at least so many. */
export const expectedSeeds = [
  { table: 'quality.dimensions', rows: 6 },
  { table: 'compliance.pii_patterns', rows: 10 },
  { table: 'compliance.classification_levels', rows: 5 },
] as const

/** Names of other houses for the layers: a deployment that bears them is not this platform. */
export const foreignLayerNames = ['bronze', 'silver', 'gold']

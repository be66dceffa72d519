import { alertContract } from './alertContract.ts'
import { benchmarkContract } from './benchmarkContract.ts'
import { compareContract } from './compareContract.ts'
import { exchangeContract } from './exchangeContract.ts'
import { explainContract } from './explainContract.ts'
import { historyContract } from './historyContract.ts'
import { plotContract } from './plotContract.ts'
import { repeatContract } from './repeatContract.ts'
import { resultContract } from './resultContract.ts'
import { sessionContract } from './sessionContract.ts'
import { snapshotContract } from './snapshotContract.ts'
import { statementContract } from './statementContract.ts'

export const consoleContract = {
  ...sessionContract,
  ...statementContract,
  ...resultContract,
  ...compareContract,
  ...plotContract,
  ...repeatContract,
  ...alertContract,
  ...snapshotContract,
  ...explainContract,
  ...benchmarkContract,
  ...exchangeContract,
  ...historyContract,
}

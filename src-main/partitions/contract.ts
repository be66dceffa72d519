import { actionContract } from './action.contract.ts'
import { tableContract } from './table.contract.ts'

export const partitionsContract = {
  ...tableContract,
  ...actionContract,
}

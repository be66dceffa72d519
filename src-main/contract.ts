import { type ContractProcedure, type InferSchemaInput, type InferSchemaOutput, oc } from '@orpc/contract'
import { errorCatalogue } from './errors.ts'

/** Every contract begins here: with the whole error catalogue, so that each code crosses typed. */
export const contract = oc.errors(errorCatalogue)

/** What a call brings beside its input. */
export interface Call {
  /** Aborted when the caller goes away or cancels. */
  signal?: AbortSignal | undefined
}

/**
 * The service that answers a contract: one method a procedure, under the same name.
 * The router binds them by name, so a call is written once, in its contract, and answered once, in its service.
 */
export type ServiceOf<Contract> = {
  [Name in keyof Contract]: Contract[Name] extends ContractProcedure<
    infer In,
    infer Out,
    infer _Errors,
    infer _Meta
  >
    ? (input: InferSchemaOutput<In>, call: Call) => Promise<InferSchemaInput<Out>>
    : never
}

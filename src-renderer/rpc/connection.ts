import { create } from 'zustand'

interface Connection {
  /** `refused`: the token of the address is not the one of this launch. */
  state: 'connecting' | 'open' | 'lost' | 'refused'
}

/** Whether this window reaches its backend. */
export const useConnectionStore = create<Connection>(() => ({ state: 'connecting' }))

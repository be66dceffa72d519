/** A statement of a migration, without semicolon. */
export interface Step {
  text: string
  /** What it is about, for people. */
  object: string
  /** What is lost for good by it: it is left out unless that is wanted. */
  destroys?: string | undefined
  /** Why it may fail, or take long. */
  risk?: string | undefined
  /** It is left out with this reason: it needs, or is needed by, what is left out. */
  leftOut?: string | undefined
  /** The address of the object that it drops, or of the table that it is a part of the dropping of. */
  drops?: string | undefined
}

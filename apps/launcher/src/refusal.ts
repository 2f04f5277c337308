/** Something that a person has to mend before we can go on. Its message is all that they are shown. */
export class Refusal extends Error {
  override readonly name = 'Refusal';
}

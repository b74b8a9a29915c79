"""Attacks on what is checked: changed reports and changed derivations, and checkers that have to fail against them.

What a checker has to do, precisely. It *accepts* a file if its verdict is ``proved`` (``check`` ends with status 0).

- **Generated texts** (theorem reports, their summary, the note, the report on symmetry): every text that is not the
  generated one, up to line endings at its end, has to be refused, true or not, whether its digests were written anew or
  not, whether its figures were changed together with their digest or not.
- **Documents**: a changed theorem is another theorem, which may well be true. So a document has to be refused if the
  change is one that no document survives (a letter that is not ASCII in a block, a name declared twice, givens that
  nothing can meet, a chain that stops before its claim, a bound exceeded), or if the referee has an explicit model in
  which its claim or one of its links fails. It decides on finite models, by enumeration, without the kernel.
- **Harmless changes** have to be accepted: what is unchanged, prose and comments beside a derivation, renamed bound
  indices, other line endings, and reports of new theorems that are written as they should be. A checker that refuses
  everything is not safe, it is useless.

A text that has lost its first and last line and every sentence that only reports say is a document: of its prose
nothing is ever said.
"""

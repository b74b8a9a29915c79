"""Text to terms to text and LaTeX: the derivation language, its grammar, bounds, scope and printers."""

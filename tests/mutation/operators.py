"""Small changes to Python source: each operator looks at one node of the syntax tree and says what it might become.

What is left alone: annotations, decorators, texts (a reworded message is not a fault), patterns of ``match``, and
bounds on work, where one more or less is no fault: constants called ``MOST_...``, integers beyond 9 in absolute value.
The bounds that are documented have tests of their own. ``strict=True`` of ``zip`` is a guard that no input sets off.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass

COMPARISONS: dict[type[ast.cmpop], tuple[type[ast.cmpop], ...]] = {
    ast.Lt: (ast.LtE, ast.GtE),
    ast.LtE: (ast.Lt, ast.Gt),
    ast.Gt: (ast.GtE, ast.LtE),
    ast.GtE: (ast.Gt, ast.Lt),
    ast.Eq: (ast.NotEq,),
    ast.NotEq: (ast.Eq,),
    ast.In: (ast.NotIn,),
    ast.NotIn: (ast.In,),
    ast.Is: (ast.IsNot,),
    ast.IsNot: (ast.Is,),
}
ARITHMETIC: dict[type[ast.operator], tuple[type[ast.operator], ...]] = {
    ast.Add: (ast.Sub,),
    ast.Sub: (ast.Add,),
    ast.Mult: (ast.Add, ast.Div),
    ast.Div: (ast.Mult,),
    ast.FloorDiv: (ast.Mult,),
    ast.Mod: (ast.FloorDiv,),
    ast.Pow: (ast.Mult,),
    ast.BitOr: (ast.BitAnd,),
    ast.BitAnd: (ast.BitOr,),
    ast.BitXor: (ast.BitOr,),
}
CALLED_INSTEAD = {"min": "max", "max": "min", "any": "all", "all": "any", "sorted": "list"}
EMPTY = {"tuple": "()", "list": "[]", "frozenset": "frozenset()", "set": "set()", "dict": "{}"}
GREATEST_CHANGED = 9


@dataclass(frozen=True, slots=True)
class Change:
    """A node (by its place), what is written in its stead, the operator, and the function that it stands in."""

    node: ast.expr | ast.stmt
    text: str
    operator: str
    scope: str


def changes(tree: ast.Module) -> Iterator[Change]:
    """All changes to a module, in the order of the source."""
    yield from _within(tree, "", None)


def _within(node: ast.AST, scope: str, function: ast.FunctionDef | None) -> Iterator[Change]:
    if isinstance(node, ast.Assign) and _text(node.targets[0]).startswith("MOST_"):
        return
    if isinstance(node, ast.JoinedStr | ast.match_case):
        if isinstance(node, ast.match_case):
            for part in (*([node.guard] if node.guard else []), *node.body):
                yield from _within(part, scope, function)
        return
    if isinstance(node, ast.FunctionDef | ast.ClassDef):
        scope = f"{scope}.{node.name}".lstrip(".")
        function = node if isinstance(node, ast.FunctionDef) else None
    if isinstance(node, ast.expr | ast.stmt):
        for text, operator in _variants(node, function):
            yield Change(node, text, operator, scope)
    if isinstance(node, ast.If | ast.While | ast.IfExp) and isinstance(node.test, ast.Call | ast.Name | ast.Attribute):
        yield Change(node.test, f"not {_text(node.test)}", "negation", scope)
    if isinstance(node, ast.keyword) and node.arg == "strict":
        return
    skipped = {"annotation", "returns", "decorator_list", "bases", "type_comment"}
    for name, value in ast.iter_fields(node):
        if name in skipped or (isinstance(node, ast.Raise) and name in {"exc", "cause"}):
            continue
        for child in value if isinstance(value, list) else [value]:
            if isinstance(child, ast.AST):
                yield from _within(child, scope, function)


def _variants(node: ast.expr | ast.stmt, function: ast.FunctionDef | None) -> Iterator[tuple[str, str]]:
    match node:
        case ast.Compare(left, [operator], [right]):
            for other in COMPARISONS[type(operator)]:
                yield _text(ast.Compare(left, [other()], [right])), "comparison"
        case ast.Compare(left, operators, rights):
            for k, operator in enumerate(operators):
                for other in COMPARISONS[type(operator)]:
                    new = [*operators[:k], other(), *operators[k + 1 :]]
                    yield _text(ast.Compare(left, new, rights)), "comparison"
        case ast.BinOp(left, operator, right):
            for other in ARITHMETIC.get(type(operator), ()):
                yield _text(ast.BinOp(left, other(), right)), "arithmetic"
        case ast.UnaryOp(ast.Not() | ast.USub(), operand):
            yield _text(operand), "dropped sign or not"
        case ast.BoolOp(operator, values):
            yield _text(ast.BoolOp(ast.Or() if isinstance(operator, ast.And) else ast.And(), values)), "and, or"
            for k in range(len(values)):
                rest = values[:k] + values[k + 1 :]
                yield _text(rest[0] if len(rest) == 1 else ast.BoolOp(operator, rest)), "dropped condition"
        case ast.IfExp(test, body, orelse):
            yield _text(ast.IfExp(test, orelse, body)), "swapped branches"
        case ast.Constant(bool() as value):
            yield str(not value), "constant"
        case ast.Constant(int() as value) if abs(value) <= GREATEST_CHANGED:
            yield str(value + 1), "constant"
            yield str(value - 1), "constant"
        case ast.Subscript(value, ast.Slice(lower, upper, step), ast.Load()):
            if lower is not None:
                yield _text(ast.Subscript(value, ast.Slice(None, upper, step))), "slice"
            if upper is not None:
                yield _text(ast.Subscript(value, ast.Slice(lower, None, step))), "slice"
        case ast.Call():
            yield from _calls(node)
        case ast.GeneratorExp() | ast.ListComp() | ast.SetComp() | ast.DictComp():
            yield from _comprehensions(node)
        case ast.Return(value) if value is not None:
            yield from _returns(value, function)
        case ast.Raise() | ast.Expr(ast.Call()) | ast.Continue() | ast.Break():
            yield "pass", "removed statement"
        case ast.AugAssign(target, operator, value):
            for other in ARITHMETIC.get(type(operator), ()):
                yield _text(ast.AugAssign(target, other(), value)), "arithmetic"
        case _:
            pass


def _calls(node: ast.Call) -> Iterator[tuple[str, str]]:
    if isinstance(node.func, ast.Name) and node.func.id in CALLED_INSTEAD:
        other = ast.Name(CALLED_INSTEAD[node.func.id], ast.Load())
        if not (node.func.id == "sorted" and node.keywords):
            yield _text(ast.Call(other, node.args, node.keywords)), "called instead"
    if any(isinstance(a, ast.Starred) for a in node.args) or _text(node.func) in {"isinstance", "zip", "cast"}:
        return
    for k in range(len(node.args) - 1):
        swapped = [*node.args[:k], node.args[k + 1], node.args[k], *node.args[k + 2 :]]
        yield _text(ast.Call(node.func, swapped, node.keywords)), "swapped arguments"


def _comprehensions(node: ast.GeneratorExp | ast.ListComp | ast.SetComp | ast.DictComp) -> Iterator[tuple[str, str]]:
    for k, part in enumerate(node.generators):
        for j in range(len(part.ifs)):
            fewer = ast.comprehension(part.target, part.iter, part.ifs[:j] + part.ifs[j + 1 :], part.is_async)
            generators = [*node.generators[:k], fewer, *node.generators[k + 1 :]]
            fields = {name: value for name, value in ast.iter_fields(node) if name != "generators"}
            yield _text(type(node)(**fields, generators=generators)), "dropped condition"


def _returns(value: ast.expr, function: ast.FunctionDef | None) -> Iterator[tuple[str, str]]:
    promised = _text(function.returns) if function is not None and function.returns is not None else ""
    now = _text(value)
    if promised == "bool":
        if not isinstance(value, ast.Compare | ast.Constant | ast.UnaryOp):
            yield f"return not ({now})", "returned value"
        return
    empty = next((e for name, e in EMPTY.items() if promised.startswith(f"{name}[")), "None")
    if now != empty:
        yield f"return {empty}", "returned value"


def _text(node: ast.AST) -> str:
    return ast.unparse(ast.fix_missing_locations(node))

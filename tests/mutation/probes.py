"""Which test evaluates which mutant's place: the mutated modules get a probe at each place while they are imported."""

from __future__ import annotations

import ast
import builtins
import sys
from collections import defaultdict
from collections.abc import Sequence
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec, PathFinder, SourceFileLoader
from pathlib import Path
from types import CodeType, ModuleType

from tests.mutation.sampling import Mutant, Place
from tests.planting import ROOT

PROBE = "__reached__"


class Reached:
    """The numbers of the mutants whose places were reached."""

    def __init__(self) -> None:
        self.seen: set[str] = set()

    def taken(self) -> list[str]:
        """What was reached since this was asked last."""
        seen, self.seen = sorted(self.seen), set()
        return seen


class _Probes(ast.NodeTransformer):
    """Puts a call in front of each place. The call is false, so ``call or x`` is ``x``."""

    def __init__(self, places: dict[tuple[Place, bool], list[int]]) -> None:
        self.places = places

    def visit(self, node: ast.AST) -> ast.AST | list[ast.stmt]:
        """The node with its probes."""
        if isinstance(node, ast.JoinedStr):
            return node
        self.generic_visit(node)
        if not isinstance(node, ast.expr | ast.stmt):
            return node
        place = (node.lineno, node.col_offset, node.end_lineno or 0, node.end_col_offset or 0)
        calls = [_call(str(number)) for number in self.places.get((place, isinstance(node, ast.stmt)), ())]
        if isinstance(node, ast.stmt):
            return [*map(ast.Expr, calls), node]
        return ast.BoolOp(ast.Or(), [*calls, node]) if calls else node


def _call(what: str) -> ast.expr:
    return ast.Call(ast.Name(PROBE, ast.Load()), [ast.Constant(what)], [])


class _Loader(SourceFileLoader):
    """Loads a module with probes."""

    def __init__(self, name: str, path: str, places: dict[tuple[Place, bool], list[int]]) -> None:
        super().__init__(name, path)
        self.probes = _Probes(places)

    def get_code(self, fullname: str) -> CodeType:
        """The module's code; lines are those of the source."""
        tree = ast.parse(self.get_data(self.path))
        self.probes.visit(tree)
        return compile(_located(tree), self.path, "exec", dont_inherit=True)


def _located(tree: ast.AST, line: int = 1) -> ast.AST:
    """The tree in which each node without a place has its parent's."""
    for node in ast.iter_child_nodes(tree):
        here = getattr(node, "lineno", line)
        if "lineno" in node._attributes and not hasattr(node, "lineno"):
            node.lineno = node.end_lineno = line  # type: ignore[attr-defined]
            node.col_offset = node.end_col_offset = 0  # type: ignore[attr-defined]
        _located(node, here)
    return tree


class _Finder(MetaPathFinder):
    def __init__(self, places: dict[str, dict[tuple[Place, bool], list[int]]]) -> None:
        self.places = places

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """The spec of a module of the project, with the loader that plants probes."""
        spec = PathFinder.find_spec(fullname, path, target) if fullname.startswith("derive.") else None
        if spec is not None and spec.origin is not None:
            file = Path(spec.origin).relative_to(ROOT).as_posix()
            if file in self.places:
                spec.loader = _Loader(fullname, spec.origin, self.places[file])
        return spec


def plant(chosen: Sequence[Mutant]) -> Reached:
    """Have the modules that are imported from now on report what is reached."""
    if any(name.startswith("derive.") for name in sys.modules):
        raise RuntimeError("the project is imported already, without probes")
    places: dict[str, dict[tuple[Place, bool], list[int]]] = defaultdict(lambda: defaultdict(list))
    for number, mutant in enumerate(chosen):
        places[mutant.file][mutant.place, mutant.statement].append(number)
    reached = Reached()
    setattr(builtins, PROBE, lambda what: reached.seen.add(what))
    sys.meta_path.insert(0, _Finder(places))
    return reached

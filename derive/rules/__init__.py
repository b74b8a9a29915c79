"""The rule for any activation: gains and weight variances, forward and backward, with what is known of each number.

``rule("gelu")`` gives a ``Rule``; a text instead of a name is an expression in ``z``. ``critical("tanh")`` gives the
pair of variances at which both slopes are one, or with a bias variance the edge of chaos.
"""

from derive.rules.critical import Critical, critical
from derive.rules.rule import rule
from derive.rules.values import Claim, Rule, Side, Snippets

__all__ = ["Claim", "Critical", "Rule", "Side", "Snippets", "critical", "rule"]

"""Depth: what a layer does to the second moment and to the correlation of its inputs, again and again.

``Layer`` is the variance map q -> sigma_w^2 E f(sqrt(q) z)^2 + sigma_b^2 with its slopes; ``fixed_points`` finds where
it stays, ``edge_of_chaos`` and ``critical_pairs`` the variances at which signals and gradients neither die nor explode
(Poole et al. 2016; Schoenholz et al. 2017). Every number is a ball that is proven to contain it.
"""

from derive.gaussian.depth.edges import Pair, critical_pairs, edge_at, edge_of_chaos
from derive.gaussian.depth.fixed import FixedPoint, fixed_at, fixed_points
from derive.gaussian.depth.maps import Layer, correlation, depth_scale, homogeneous_moment, keeps_zero, slopes_at_zero

__all__ = [
    "FixedPoint",
    "Layer",
    "Pair",
    "correlation",
    "critical_pairs",
    "depth_scale",
    "edge_at",
    "edge_of_chaos",
    "fixed_at",
    "fixed_points",
    "homogeneous_moment",
    "keeps_zero",
    "slopes_at_zero",
]

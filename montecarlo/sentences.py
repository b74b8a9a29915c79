"""The claims of a spec as sentences: their one wording, for verdicts, plans, reports and JSON.

    claim_sigma_w2           forward: n_in Var(W) = 2
                             backward: n_in Var(W) = 2
      and with biases        forward: Var(z | a) = 2 |a|^2/n_in + 0.1
    claim_activation         activation: E|f(z)|^2 = 0.5 E|z|^2
    claim_derivative         derivative: E|f'(z) g|^2 = 0.5 E|g|^2
    claim_growth             growth: E|z_(l+1)|^2/n_(l+1) = 1 E|z_l|^2/n_l
    claim_gradient_growth    gradient growth: E|g_(l-1)|^2/n_(l-1) = 1 E|g_l|^2/n_l

For a fan other than "in", n_in reads n_out or (n_in + n_out)/2.
"""

from __future__ import annotations

FAN_TEXT = {"in": "n_in", "out": "n_out", "average": "(n_in + n_out)/2"}


def forward_weights(claim: float, *, fan: str) -> str:
    """What |W a|^2 says about Var(W)."""
    return f"forward: {FAN_TEXT[fan]} Var(W) = {number(claim)}"


def backward_weights(claim: float, *, fan: str) -> str:
    """What |W^T delta|^2 says about Var(W)."""
    return f"backward: {FAN_TEXT[fan]} Var(W) = {number(claim)}"


def conditional_variance(claim: float, *, fan: str, sigma_b2: float) -> str:
    """What |z|^2 says about weights and biases together."""
    size = f"({FAN_TEXT[fan]})" if fan == "average" else FAN_TEXT[fan]
    return f"forward: Var(z | a) = {number(claim)} |a|^2/{size} + {number(sigma_b2)}"


def activation_factor(claim: float) -> str:
    """The share of the second moment that the activation keeps."""
    return f"activation: E|f(z)|^2 = {number(claim)} E|z|^2"


def derivative_factor(claim: float) -> str:
    """The share of a gradient's second moment that the derivative keeps."""
    return f"derivative: E|f'(z) g|^2 = {number(claim)} E|g|^2"


def growth(claim: float) -> str:
    """The factor of the second moment from layer to layer."""
    return f"growth: E|z_(l+1)|^2/n_(l+1) = {number(claim)} E|z_l|^2/n_l"


def gradient_growth(claim: float) -> str:
    """The factor of the gradient's second moment from layer to layer, backward."""
    return f"gradient growth: E|g_(l-1)|^2/n_(l-1) = {number(claim)} E|g_l|^2/n_l"


def number(value: float) -> str:
    """Up to 12 significant digits, without trailing zeros."""
    return f"{value:.12g}"

"""The few sums over blocks from which likelihood, information and tests are made.

With V = sum psi_k G_k, and D = [X, y] side by side (P = p + 1 columns), every statistic needs only

    log_det   log |V|                        (R,)
    cross     D' V^-1 D                      (R, J, P, P)
    trace_1   tr(V^-1 G_k)                   (R, K)
    trace_2   tr(V^-1 G_k V^-1 G_l)          (R, K, K)
    cross_1   D' V^-1 G_k V^-1 D             (R, J, K, P, P)
    cross_2   D' V^-1 G_k V^-1 G_l V^-1 D    only summed, with weights over k, l or P x P

Three back ends compute them: `pattern.py` where few distinct V occur (its cost does not grow with
the number of participants), `woodbury.py` where blocks are large and the residual is one variance,
and `nested.py` where an upper level joins many blocks, which it leaves to one of the other two.
Blocks fall into J groups whose cross products are kept apart, so that `nested.py` can go on from
them; otherwise there is one group.
"""

from __future__ import annotations

from typing import Protocol

from .arrays import Floats, Integers


class Contractions(Protocol):
    """The sums at one psi."""

    log_det: Floats
    cross: Floats
    trace_1: Floats
    trace_2: Floats
    cross_1: Floats

    def weighted_cross_2(self, weight: Floats) -> Floats:
        """Return tr(weight cross_2), made symmetric in k and l, for weight (R, J, P, P)."""
        ...

    def summed_cross_2(self, weight: Floats) -> Floats:
        """Return sum weight_kl cross_2_kl, shape (R, J, P, P), for symmetric weight (R, K, K)."""
        ...


class BackEnd(Protocol):
    """Data of a model in the form that gives contractions cheaply."""

    @property
    def rows(self) -> int:
        """Return the number of rows of the data."""
        ...

    def contract(self, psi: Floats) -> Contractions:
        """Return the contractions at psi, shape (R, K); log_det is infinite where V fails."""
        ...

    def take(self, responses: Integers) -> BackEnd:
        """Return the back end of a subset of the responses."""
        ...

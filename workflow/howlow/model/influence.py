"""What one participant does to the result: refits that leave each of them out."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from .arrays import Booleans, Floats
from .errors import ModelError
from .estimates import MixedFit, fit_mixed
from .specification import MixedModel, RandomTerm, number_levels


@dataclass(frozen=True)
class Influence:
    """Refits without one participant each.

    Attributes
    ----------
    participants
        Who was left out.
    beta
        Fixed effects without them, shape (participants, p); NaN where the design became aliased.
    shift
        (beta of all - beta without) in standard errors of the fit to all, same shape.
    cook
        Cook's distance, shape (participants,).
    converged
        Whether each refit converged.
    """

    participants: tuple[str, ...]
    beta: Floats
    shift: Floats
    cook: Floats
    converged: Booleans


def leave_one_out(fit: MixedFit, participant: Any) -> Influence:
    """Refit the model without each participant in turn.

    Parameters
    ----------
    fit
        The fit to all rows.
    participant
        The participant (or trial) of each row.
    """
    codes, names = number_levels(participant)
    beta = np.full((len(names), len(fit.beta)), np.nan)
    converged = np.zeros(len(names), dtype=bool)
    for number in range(len(names)):
        try:
            rest = fit_mixed(keep_rows(fit.model, codes != number), fit.reml)
        except ModelError:
            # The rest cannot estimate every coefficient: NaN says so.
            continue
        beta[number], converged[number] = rest.beta, rest.converged
    change = fit.beta - beta
    shift = change / np.sqrt(np.diagonal(fit.cov))
    cook = np.einsum("ip,pq,iq->i", change, np.linalg.inv(fit.cov), change) / len(fit.beta)
    return Influence(tuple(names), beta, shift, cook, converged)


def keep_rows(model: MixedModel, kept: Booleans) -> MixedModel:
    """Return the model of some of its rows, with the visits and strata of all.

    Parameters
    ----------
    model
        The model of all rows.
    kept
        Which rows stay, shape (rows,).
    """

    def part(values: Any) -> Any:
        """Return the kept values."""
        return None if values is None else np.asarray(values)[kept]

    residual = model.residual
    levels = residual.visit_levels
    if residual.over_visits and levels is None:
        levels = np.unique(np.asarray(residual.visit)).tolist()
    return MixedModel(
        part(model.y), part(model.X), model.names,
        [
            RandomTerm(one.columns[kept], part(one.group), one.names, one.correlated, one.label)
            for one in model.random
        ],
        replace(
            residual, visit=part(residual.visit), subject=part(residual.subject),
            by=part(residual.by), visit_levels=levels,
        ),
        part(model.weights),
    )  # fmt: skip

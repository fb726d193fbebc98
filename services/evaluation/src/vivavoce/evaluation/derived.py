"""Legacy numbers as published formulas of observables: how to compute one, or why there is none."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from vivavoce.contracts import DerivedScore, NullReason, Observable

Inputs = Mapping[str, float]


@dataclass(frozen=True)
class Formula:
    """One legacy number: what it is computed from, and how, in words and in code.

    Without one of `needs` it is null; `uses` are taken where they were measured.
    """

    name: str
    unit: str
    text: str
    needs: tuple[str, ...]
    compute: Callable[[Inputs], float]
    uses: tuple[str, ...] = ()


def derive(formula: Formula, observables: Mapping[str, Observable], missing: NullReason) -> DerivedScore:
    """The number of a formula; null with the reason of its first missing input.

    `missing` is the reason of an input that wasn't reported at all.
    """
    inputs: dict[str, float] = {}
    for name in (*formula.needs, *formula.uses):
        found = observables.get(name)
        if found is not None and found.value is not None:
            inputs[name] = found.value
        elif name in formula.needs:
            return _score(formula, None, (), (found.reason if found else None) or missing)
    return _score(formula, round(formula.compute(inputs), 2), tuple(inputs), None)


def _score(
    formula: Formula, value: float | None, inputs: tuple[str, ...], reason: NullReason | None
) -> DerivedScore:
    return DerivedScore(
        name=formula.name, value=value, unit=formula.unit, formula=formula.text, inputs=inputs, reason=reason
    )

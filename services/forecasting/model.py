"""Learned models of breaches: the only module that imports scikit-learn. Nothing it makes is ever stored as an object.

What a model learned is either numbers (the logistic regression) or is learned again from the same facts with the same
settings and seed, which gives the same model.

Fitting and forecasting use one thread: on a machine that also does something else, threads that wait for each other by
spinning cost many times what they save.
"""

from dataclasses import dataclass

import numpy as np
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.linear_model import LogisticRegression
from threadpoolctl import threadpool_limits

from services.forecasting.encoding import probability
from services.forecasting.features import Floats

SEED = 20260301


@dataclass(frozen=True)
class TreeSettings:
    """Settings of the gradient boosting that are chosen by rolling origin."""

    learning_rate: float
    trees: int
    leaves: int
    smallest_leaf: int = 40
    l2: float = 10.0
    columns_a_split: float = 0.3


@dataclass(frozen=True, eq=False)
class Logistic:
    """A logistic regression as numbers: coefficients of standardised columns."""

    mean: Floats
    scale: Floats
    coefficients: Floats
    intercept: float

    def forecast(self, matrix: Floats) -> Floats:
        """The probability of a breach for each row."""
        return probability((matrix - self.mean) / self.scale @ self.coefficients + self.intercept)


@dataclass(frozen=True, eq=False)
class BoostedTrees:
    """Gradient boosting over histograms, in memory only."""

    classifier: HistGradientBoostingClassifier

    def forecast(self, matrix: Floats) -> Floats:
        """The probability of a breach for each row."""
        with threadpool_limits(limits=1):
            return np.asarray(self.classifier.predict_proba(matrix)[:, 1], dtype=np.float64)


def learn_logistic(matrix: Floats, missed: Floats, *, inverse_penalty: float) -> Logistic:
    """Fit with a quadratic penalty; larger `inverse_penalty` trusts the data more."""
    mean, scale = matrix.mean(axis=0), matrix.std(axis=0) + 1e-9
    with threadpool_limits(limits=1):
        fitted = LogisticRegression(C=inverse_penalty, max_iter=1000).fit((matrix - mean) / scale, missed)
    return Logistic(mean, scale, fitted.coef_[0], float(fitted.intercept_[0]))


def learn_trees(matrix: Floats, missed: Floats, settings: TreeSettings) -> BoostedTrees:
    """Fit with a fixed seed. No early stopping: it would set recent rows aside at random."""
    classifier = HistGradientBoostingClassifier(
        learning_rate=settings.learning_rate,
        max_iter=settings.trees,
        max_leaf_nodes=settings.leaves,
        min_samples_leaf=settings.smallest_leaf,
        l2_regularization=settings.l2,
        max_features=settings.columns_a_split,
        early_stopping=False,
        random_state=SEED,
    )
    with threadpool_limits(limits=1):
        return BoostedTrees(classifier.fit(matrix, missed))

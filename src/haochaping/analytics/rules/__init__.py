"""The rules of the figures: what is counted, in which grains, and what may be said of it."""

from haochaping.analytics.rules.counts import Counts, Figures, Funnel, wilson
from haochaping.analytics.rules.loop import Loop, quantile

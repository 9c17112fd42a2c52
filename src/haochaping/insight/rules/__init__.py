"""What may be said of figures: measures, fair scores, bands, charts, periods."""

from haochaping.insight.rules.maps import TRAIL

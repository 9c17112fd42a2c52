"""The rules of problems. What is learnt from words stands in the files beside: `words`, `reasons`,
`classify`, `day0`, `neardup`, `groups`, `daily`, `alerts`, `naming`.
"""

from haochaping.problems.rules.campaign import TRAIL, BadCampaign, NotNow, Stage, effect, stage_of

"""What a text for everybody must not tell beside numbers and names: where somebody lives, by which
other number they are known, and who at an office somebody is.
"""

import re

_TELLING = re.compile(
    "|".join(
        (
            r"\d+(?:号|弄|巷)\d*(?:栋|幢|单元|室|楼|号)",  # 88号3栋
            r"\d+(?:栋|幢)\d+(?:单元|室)",
            r"(?:小区|花园|新村|苑)\d+(?:栋|幢|号|室)",
            r"(?:护照|通行证|居住证)(?:号|号码)?[:：]?\s?[A-Za-z]\d{7,}",
            r"(?:微信|微信号|QQ|qq)(?:号)?[:：]?\s?[A-Za-z0-9_-]{5,}",
            # 王科长, 李建国主任: whoever is named by an office
            r"[\u4e00-\u9fa5]{1,3}[科处局股所队]长(?=[^\u4e00-\u9fa5]|[当亲说打给把向来去])",
            r"[\u4e00-\u9fa5]{1,3}(?:主任|经办人)(?=[^\u4e00-\u9fa5]|[当亲说打给把向来去])",
        )
    )
)


def is_telling(text: str) -> bool:
    """Say whether a text tells where somebody lives, by what number a chat or a pass knows them, or
    who holds an office (domain §8).
    """
    return _TELLING.search(text) is not None

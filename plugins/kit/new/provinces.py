"""What provinces are called in names of packages, which are ASCII."""

from __future__ import annotations

_SLUGS = {
    "11": "beijing", "12": "tianjin", "13": "hebei", "14": "shanxi", "15": "neimenggu",
    "21": "liaoning", "22": "jilin", "23": "heilongjiang",
    "31": "shanghai", "32": "jiangsu", "33": "zhejiang", "34": "anhui", "35": "fujian",
    "36": "jiangxi", "37": "shandong",
    "41": "henan", "42": "hubei", "43": "hunan", "44": "guangdong", "45": "guangxi", "46": "hainan",
    "50": "chongqing", "51": "sichuan", "52": "guizhou", "53": "yunnan", "54": "xizang",
    "61": "shaanxi", "62": "gansu", "63": "qinghai", "64": "ningxia", "65": "xinjiang",
}  # fmt: skip


def slug(jurisdiction: str) -> str:
    """`sichuan` for 510000; `p990000` for a code that is not in the table."""
    return _SLUGS.get(jurisdiction[:2], f"p{jurisdiction}")

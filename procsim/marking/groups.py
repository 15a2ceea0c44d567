"""The applicant groups that a text names."""

from __future__ import annotations

from procsim.marking.spelling import Pattern, Spelled, bare

__all__ = ["applicant_groups"]

_GROUPS: tuple[tuple[str, Pattern], ...] = (
    (
        "foreigner",
        Pattern(
            r"(?:người|cá nhân|công dân|tổ chức|nhà đầu tư|doanh nghiệp|pháp nhân|công ty|thương "
            r"nhân|nhà thầu) (?:có quốc tịch )?nước (?:ngoài|láng giềng)",
            r"quốc tịch nước ngoài",
            r"người không quốc tịch",
            r"(?:do|của) (?:cơ quan|tổ chức)[^;.,]{0,40} nước ngoài[^;.,]{0,20} cấp",
            r"của nước sở tại",
            r"(?<!phải )(?<!phải được )(?:đã |được )+hợp pháp hóa lãnh sự",
            r"(?:công dân|doanh nghiệp) (?:trung quốc|lào|campuchia)",
        ),
    ),
    ("citizen_abroad", Pattern(r"(?:việt nam|người việt)(?: nam)? (?:định cư |cư trú |sinh sống "
                               r")?ở nước ngoài")),
    ("enterprise", Pattern(r"(?:đối với|trường hợp|là|của) (?:các )?(?:doanh nghiệp|công ty)")),
    ("household_business", Pattern(r"hộ kinh doanh")),
    ("cooperative", Pattern(r"hợp tác xã")),
    ("organisation", Pattern(r"(?:đối với|trường hợp|là|của) (?:các )?(?:tổ chức|cơ quan|đơn vị)")),
    (
        "citizen",
        Pattern(
            r"(?:đối với|trường hợp|là|của) (?:các )?(?:cá nhân|công dân)(?! nước)",
            r"(?:công dân|cá nhân|người) việt nam(?! (?:định cư|cư trú|sinh sống|ở))",
        ),
    ),
)  # fmt: skip


# One of these words must stand in a text before its pattern is tried at all.
_NEEDS: dict[str, tuple[str, ...]] = {
    name: (*words, *map(bare, words))
    for name, words in {
        "foreigner": ("nước", "không quốc tịch", "trung quốc", "lào", "campuchia", "lãnh sự"),
        "citizen_abroad": ("nước ngoài",),
        "enterprise": ("doanh nghiệp", "công ty"),
        "household_business": ("hộ kinh doanh",),
        "cooperative": ("hợp tác xã",),
        "organisation": ("tổ chức", "cơ quan", "đơn vị"),
        "citizen": ("cá nhân", "công dân", "người việt"),
    }.items()
}
_FOREIGN_ALTERNATIVE = Pattern(
    r"(?:giấy tờ|tài liệu|văn bản)(?: \w+){0,2} (?:tương đương|khác|thay thế)"
    r"[^;.,]*?(?:người|cá nhân|công dân) nước ngoài"
)


def applicant_groups(spelled: Spelled) -> tuple[str, ...]:
    """Return the applicant groups that a text names, in a fixed order."""
    # "… hoặc giấy tờ tương đương của người nước ngoài" leaves the row open to everyone.
    text = spelled.text
    if any(word in text for word in _NEEDS["foreigner"]):
        text = _FOREIGN_ALTERNATIVE.of(spelled).sub("", text)
    return tuple(
        name
        for name, pattern in _GROUPS
        if any(word in text for word in _NEEDS[name]) and pattern.of(spelled).search(text)
    )

"""Companies without their legal form, as people call them: `Voltamo Motors S.p.A.` is Voltamo Motors."""

from __future__ import annotations

import re

_FORM = re.compile(
    r"[\s,]+(?:inc(?:orporated)?|co(?:rp(?:oration)?|mpany)?|llc|l\.l\.c|ltd|limited|pvt|plc|pty|lp|llp"
    r"|gmbh(?: & co\.? kg)?|gesellschaft mbh|mbh|ag|kg|ohg|ug|e\.?k|se"
    r"|s\.?a\.?(?: de c\.?v)?|s\.?a\.?s|sarl|s\.?[àa]\.?\s?r\.?l|s\.? de r\.?l\.? de c\.?v"
    r"|s\.?p\.?a|s\.?r\.?l|b\.?v|n\.?v|a\.?b|a\.?s|a/s|aps|oy|oyj|kft|zrt"
    r"|sp\.? ?z ?\.?o\.? ?o|(?:spol\. )?s ?r\.? ?o|s\.r\.o)\.?$",
    re.IGNORECASE,
)


def without_legal_form(name: str) -> str:
    """The name without what stands for its legal form at the end; as it is where nothing would be left."""
    shorter = name.strip()
    while (found := _FORM.search(shorter)) and found.start() > 0:
        shorter = shorter[: found.start()]
    return shorter

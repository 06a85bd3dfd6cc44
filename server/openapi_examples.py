"""Examples for the description of the interface: one request and one response for each route."""

from __future__ import annotations

from typing import Any, Final

_CONVERSATION = "01981c5e-7a31-7c52-9a64-3f0f5a2b7c11"
_ANSWER = "01981c5e-7b02-7d10-8a4e-5d4f0c6f1a22"
_DRAFT = "01981c60-0d4f-7a4e-b1b5-7f1e2c9d4e33"
_RUN = "5b0d1c1e-52a5-4d0e-9f0c-0f2b8a4b7d10"
_DIGEST = "sha256:" + "9f2c" * 16

PARAMETERS: Final[dict[str, str | int]] = {
    "conversation": _CONVERSATION,
    "answer_id": _ANSWER,
    "run_id": _RUN,
    "proposal_id": _DRAFT,
    "explanation": _DRAFT,
    "publication": _DRAFT,
    "job": _DRAFT,
    "webhook": _DRAFT,
    "event": _RUN,
    "name": "otif_rate",
    "system": "north",
    "limit": 50,
    "cursor": "",
    "site": "KAS",
    "last-event-id": "3.plan.begun.0",
}

BODIES: Final[dict[str, dict[str, Any]]] = {
    "POST /v1/conversations/{conversation}/messages": {"question": "How many suppliers do we have?"},
    "POST /v1/conversations/{conversation}/choices": {"answer_id": _ANSWER, "key": "2"},
    "POST /v1/agui": {
        "threadId": _CONVERSATION,
        "runId": _RUN,
        "messages": [{"id": "1", "role": "user", "content": "How much stock is there?"}],
        "context": [
            {"description": "plant", "value": "KAS"},
            {"description": "material", "value": "BR-6204"},
        ],
    },
    "POST /v1/sources/{system}/events": {"site": "1000", "parts": ["stock", "purchase_orders"]},
    "POST /v1/drafts": {
        "kind": "purchase_requisition",
        "material": "BR-6204",
        "quantity": "500",
        "site": "KAS",
        "needed_on": "2026-05-05",
    },
    "POST /v1/drafts/{proposal_id}/confirm": {"digest": _DIGEST},
    "POST /v1/drafts/{proposal_id}/reject": {"digest": _DIGEST, "reason": "Stock was found."},
    "POST /v1/drafts/{proposal_id}/edit": {"digest": _DIGEST, "quantity": "600"},
    "POST /v1/drafts/{proposal_id}/reconcile": {
        "digest": _DIGEST,
        "outcome": "found",
        "number": "4500001234",
        "reason": "Seen in the ERP.",
    },
    "POST /v1/drafts/confirm-together": {
        "drafts": [{"proposal_id": _DRAFT, "digest": _DIGEST}],
        "total": {"amount": "100.00", "currency": "EUR"},
    },
    "POST /v1/finance/variance-explanations": {"site": "MTY", "period": "2025-10"},
    "POST /v1/finance/publications/{publication}/publish": {"digest": _DIGEST},
    "POST /v1/finance/publications/{publication}/reject": {
        "digest": _DIGEST,
        "reason": "A count is in it.",
    },
    "POST /v1/webhooks": {
        "address": "https://erp.example/plantwright",
        "events": ["explanation.published", "explanation.stale"],
        "sites": ["MTY"],
    },
    "POST /v1/switches": {
        "state": "off",
        "target": "site",
        "name": "KAS",
        "reason": "Stock-taking until noon.",
    },
    "PUT /v1/me": {"subject": "buyer"},
}

_ANSWERED: Final[dict[str, Any]] = {
    "id": _ANSWER,
    "status": "answered",
    "question": "How many suppliers do we have?",
    "reading": "Number of suppliers",
    "answer": "There are 24 suppliers.",
    "figures": [{"label": "suppliers", "value": "24", "unit": "", "evidence": "e1"}],
    "model": "embedded 1.0.0",
    "language": "en",
    "conversation": _CONVERSATION,
}
_DRAFTED: Final[dict[str, Any]] = {
    "id": _DRAFT,
    "kind": "purchase_requisition",
    "state": "awaiting_confirmation",
    "digest": _DIGEST,
}
_BEGUN: Final[dict[str, str]] = {
    "id": "1.none.begun.0",
    "data": f'{{"type":"RUN_STARTED","threadId":"{_CONVERSATION}","runId":"{_RUN}"}}',
}

RESPONSES: Final[dict[str, tuple[str, Any]]] = {
    "POST /v1/sources/{system}/events": (
        "202",
        {"event": "evt-4711", "site": "KAS", "parts": ["stock", "purchase_orders"], "is_new": True},
    ),
    "GET /v1/conversations": (
        "200",
        {
            "conversations": [
                {
                    "id": _CONVERSATION,
                    "title": "How many suppliers do we have?",
                    "last_asked_at": "2026-05-04T09:30:00Z",
                    "answers": 1,
                }
            ],
            "next": None,
        },
    ),
    "POST /v1/conversations": ("201", {"id": _CONVERSATION}),
    "GET /v1/conversations/{conversation}": ("200", {"id": _CONVERSATION, "answers": [_ANSWERED]}),
    "POST /v1/conversations/{conversation}/messages": ("200", _ANSWERED),
    "POST /v1/conversations/{conversation}/choices": ("200", _ANSWERED),
    "GET /v1/answers/{answer_id}": ("200", _ANSWERED),
    "GET /v1/answers/{answer_id}/replay": ("200", _ANSWERED),
    "POST /v1/agui": ("200", _BEGUN),
    "GET /v1/runs/{run_id}/events": ("200", _BEGUN),
    "GET /healthz": ("200", {"status": "ok", "hosted_model": None}),
    "GET /readyz": ("200", {"status": "ready", "hosted_model": None}),
    "PUT /v1/me": (
        "200",
        {"subject": "buyer", "name": "Buyer", "roles": ["buyer"], "sites": ["KAS"]},
    ),
    "GET /v1/switches": ("200", {"off": []}),
    "POST /v1/switches": (
        "200",
        {
            "off": [
                {
                    "target": "site",
                    "name": "KAS",
                    "what": "Site KAS",
                    "by": "Plant manager",
                    "since": "2026-05-04T09:30:00Z",
                    "reason": "Stock-taking until noon.",
                }
            ]
        },
    ),
    "GET /v1/metrics/{name}": (
        "200",
        {
            "name": "wape",
            "label": "forecast error (WAPE)",
            "of": "forecast values",
            "kind": "percent",
            "unit": "%",
            "formula": "100 * (sum(abs(quantity - actual))) / (sum(actual))",
            "note": "sum of absolute errors over sum of actual demand",
            "caveat": "",
            "good": "down",
            "synonyms": ["forecast error", "wape", "forecast deviation"],
            "version": "1.0.0",
        },
    ),
}

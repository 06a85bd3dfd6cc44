"""Every error that plantwright raises on purpose, in one tree.

::

    CopilotError
    ├─ ConfigurationError          a setting, file or start-up condition is wrong; says the remedy
    ├─ ErpError                    a source system, or the store that mirrors it
    │  ├─ ErpUnavailable           transient: the same call may succeed later
    │  │  └─ StoreUnavailable      the operational store's database does not answer
    │  ├─ WriteOutcomeUnknown      a write was sent and its fate is not known; never retried blindly
    │  ├─ ErpRefused               the system understood and said no
    │  ├─ RecordNotFound           no such record in the caller's scope
    │  ├─ CapabilityMissing        this system cannot do that
    │  └─ ImportFailed             a source could not be loaded; nothing of it was kept
    │     ├─ SourceUnreadable      a file, column or delimiter is not what the mapping says
    │     └─ ImportRunning         another import of the same source holds the lock
    ├─ PolicyError
    │  ├─ Denied                   policy says no; the message is the reason a person reads
    │  ├─ ConfirmationInvalid      expired, superseded, or by the wrong person
    │  ├─ DraftInvalid             a draft names or asks what cannot be; says what would be valid
    │  ├─ SwitchedOff              somebody switched the site, tool or flow off
    │  └─ AuditUnavailable         what happens could not be put on record, so nothing is written
    ├─ ToolError                   a tool cannot answer these arguments; said to the model and the person
    │  ├─ QueryInvalid             a metric query names something that is not there or cannot be combined
    │  └─ NotRecorded              what is asked about was never loaded: its figure is unknown, not zero
    └─ ModelError                  a language model failed, refused, or answered nonsense
       └─ ModelUnavailable         transient: timeouts, 429, 5xx, a hang
"""

from __future__ import annotations


class CopilotError(Exception):
    """Root of every error raised on purpose; `str(error)` is fit to be shown to a person."""


class ConfigurationError(CopilotError):
    """A setting, file or start-up condition is wrong."""


class ErpError(CopilotError):
    """A source system, or the store that mirrors it, failed."""


class ErpUnavailable(ErpError):
    """The system does not answer now; a read may be retried."""


class StoreUnavailable(ErpUnavailable):
    """The operational store's database does not answer."""


class WriteOutcomeUnknown(ErpError):
    """A write was sent and whether it took effect is not known; it must be read back, never blindly
    retried."""


class ErpRefused(ErpError):
    """The system understood the request and refused it."""


class RecordNotFound(ErpError):
    """No such record within what the caller may see."""


class CapabilityMissing(ErpError):
    """The system cannot do what was asked."""


class ImportFailed(ErpError):
    """A source could not be loaded; nothing of it was kept."""


class SourceUnreadable(ImportFailed):
    """A file, column or delimiter is not what the mapping says."""


class ImportRunning(ImportFailed):
    """Another import of the same source is running."""


class PolicyError(CopilotError):
    """Policy stands in the way."""


class Denied(PolicyError):
    """Policy says no; the message is the reason a person reads."""


class ConfirmationInvalid(PolicyError):
    """A confirmation is expired, superseded, or by the wrong person."""


class DraftInvalid(PolicyError):
    """A draft names something that is not there or asks for what cannot be; the message says what would be
    valid."""


class SwitchedOff(PolicyError):
    """The site, the tool or the flow is switched off; the message says by whom and why."""


class AuditUnavailable(PolicyError):
    """What happens could not be put on record, so nothing is written."""


class ToolError(CopilotError):
    """A tool cannot answer these arguments; the message goes to the model and the person."""


class QueryInvalid(ToolError):
    """A metric query names something that does not exist or cannot be combined."""


class NotRecorded(ToolError):
    """No record of what is asked about was ever loaded, so that a figure would not be zero but unknown."""


class ModelError(CopilotError):
    """A language model failed, refused, or answered nonsense."""


class ModelUnavailable(ModelError):
    """A language model does not answer now."""
